"""A deployment on Tencent Cloud, seen from a machine that reaches its database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from liveproof.clock import SystemClock
from liveproof.clouds.tencent.sql.address import (
    URL_SETTING,
    DatabaseLogin,
    SqliteAddress,
    parse_database_url,
)
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.endpoints import SqlEndpoints
from liveproof.clouds.tencent.sql.heartbeats import SqlHeartbeats
from liveproof.clouds.tencent.sql.migrations import MIGRATIONS, schema_version
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.clouds.tencent.steps import ScfSteps
from liveproof.secret_documents import VendorKey
from liveproof.settings import SettingsError
from liveproof.vendors.tencent.api import TencentApi
from liveproof_cli.deployments import scf, tencent_errors
from liveproof_cli.deployments.deployment import (
    ENDPOINT_POLICY,
    RECORD_DAYS,
    Deployment,
    Opened,
    user_at_host,
)
from liveproof_cli.deployments.functions import Functions, NoFunctions
from liveproof_cli.errors import CannotBeDone


def of_outputs(outputs: Mapping[str, str], login: Path | None) -> Opened:
    """The deployment whose Terraform outputs these are.

    Args:
        login: a file with the text of the database's secret.

    Raises:
        KeyError: an output is missing.
    """
    url, region, api = outputs["database_url"], outputs["region"], outputs["url"]
    read = None if login is None else partial(_login, login)
    name = outputs.get("functions.api")
    prefix = None if name is None else name.removesuffix("api")
    invoked = None if prefix is None else _Invoked(scf.ENDPOINT, prefix, scf.key_of_environment)
    return (
        _connected(url, region, api, read, invoked, outputs=outputs),
        tencent_errors.explain_error,
    )


def of_document(document: Mapping[str, Any]) -> Opened:
    """The deployment on a local Tencent Cloud, as `make local` describes it.

    Raises:
        KeyError, msgspec.ValidationError: the document has another form.
    """
    url, region, api = document["database_url"], document["region"], document["api"]
    read: Callable[[], DatabaseLogin] | None = None
    if document["login"] is not None:
        login = msgspec.convert(document["login"], DatabaseLogin)
        read = lambda: login  # noqa: E731 - a value that never changes
    keys = document["api_keys"]
    invoked = None
    if "scf" in document:
        key = msgspec.convert(document["key"], VendorKey)
        invoked = _Invoked(document["scf"], document["functions"], lambda: key)
    return (
        _connected(url, region, api, read, invoked, api_key=document["api_key"], api_keys=keys),
        tencent_errors.explain_error,
    )


class _Invoked(NamedTuple):
    """How functions are invoked: SCF's address, what their names begin with, an operator's key."""

    endpoint: str
    prefix: str
    key: Callable[[], VendorKey]


@contextmanager
def _connected(
    url: str,
    region: str,
    api: str,
    login: Callable[[], DatabaseLogin] | None,
    invoked: _Invoked | None,
    *,
    api_key: str | None = None,
    api_keys: Mapping[str, str] | None = None,
    outputs: Mapping[str, str] | None = None,
) -> Iterator[Deployment]:
    try:
        address = parse_database_url(url)
    except SettingsError as error:
        text = str(error).replace(URL_SETTING, "database_url")
        raise CannotBeDone(f"The deployment's file: {text}") from None
    if isinstance(address, SqliteAddress):
        # SQLite would make one.
        if not Path(address.path).is_file():
            raise CannotBeDone(f"There is no file {address.path}: the deployment is gone.")
    elif login is None:
        raise CannotBeDone(
            "The database needs a login: put the text of its secret into a file, and name the file"
            " with --login, or LIVEPROOF_LOGIN in the environment."
        )
    at_scf = None if invoked is None else TencentApi(invoked.endpoint, region, invoked.key)
    functions: Functions = NoFunctions("the deployment's file names no functions")
    steps = None
    if invoked is not None and at_scf is not None:
        functions = scf.ScfFunctions(at_scf, invoked.prefix)
        steps = ScfSteps(at_scf, invoked.prefix, SystemClock())
    with closing(Database(url, login)) as database:
        yield Deployment(
            cloud="tencent",
            region=region,
            api=api.rstrip("/"),
            records=SqlRecords(database, RECORD_DAYS),
            endpoints=SqlEndpoints(database, ENDPOINT_POLICY),
            heartbeats=SqlHeartbeats(database),
            functions=functions,
            steps=steps,
            store=partial(_amiss_in_tables, database),
            clients=partial(_client_names, database),
            operator=user_at_host,
            api_key=api_key,
            api_keys=api_keys or {},
            outputs=dict(outputs or {}),
        )


def _amiss_in_tables(database: Database) -> list[str]:
    """A connection migrates the tables, so they can only be ahead."""
    version = database.run(lambda session, _: schema_version(session))
    if version > len(MIGRATIONS):
        return [f"the tables have had {version} migrations, this command knows {len(MIGRATIONS)}"]
    return []


def _client_names(database: Database) -> list[str]:
    """Every client; the list index skips from one to the next."""
    rows = database.query("SELECT DISTINCT client FROM verifications ORDER BY client")
    return [str(client) for (client,) in rows]


def _login(path: Path) -> DatabaseLogin:
    try:
        return msgspec.json.decode(path.read_bytes(), type=DatabaseLogin)
    except OSError as error:
        raise CannotBeDone(f"--login {path}: {error.strerror}") from None
    except msgspec.MsgspecError:
        raise CannotBeDone(f"--login {path}: it must be JSON with user and password") from None
