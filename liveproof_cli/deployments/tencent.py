"""A deployment on Tencent Cloud, seen from a machine that reaches its database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from liveproof.clock import SystemClock
from liveproof.clouds.tencent.bucket import CosBucket
from liveproof.clouds.tencent.sql.address import (
    URL_SETTING,
    DatabaseLogin,
    SqliteAddress,
    parse_database_url,
)
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.endpoints import SqlEndpoints
from liveproof.clouds.tencent.sql.heartbeats import SqlHeartbeats
from liveproof.clouds.tencent.sql.limits import SqlLimits
from liveproof.clouds.tencent.sql.migrations import MIGRATIONS, schema_version
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.clouds.tencent.sql.session import name_text
from liveproof.clouds.tencent.steps import ScfSteps
from liveproof.ports import Bucket
from liveproof.secret_documents import VendorKey
from liveproof.settings import SettingsError
from liveproof_cli.deployments import tencent_errors
from liveproof_cli.deployments.check_queues import check_queues
from liveproof_cli.deployments.deployment import (
    ENDPOINT_POLICY,
    RECORD_DAYS,
    Deployment,
    Opened,
    user_at_host,
)
from liveproof_cli.deployments.functions import ask
from liveproof_cli.deployments.scf import ScfFunctions
from liveproof_cli.deployments.ssm import SsmStore
from liveproof_cli.deployments.tencent_account import (
    Account,
    has_shell_key,
    local_account,
    shell_account,
    shell_key,
)
from liveproof_cli.errors import CannotBeDone


class _Parts(NamedTuple):
    """What a deployment has besides its database, by the names of Terraform's outputs."""

    account: Account
    secrets: Mapping[str, str]
    functions: Mapping[str, str]
    bucket: Bucket | None = None


def of_outputs(outputs: Mapping[str, Any], login: Path | None) -> Opened:
    """The deployment whose Terraform outputs these are.

    Args:
        login: a file with the text of the database's secret.

    Raises:
        KeyError: an output is missing.
    """
    url, region, api = outputs["database_url"], outputs["region"], outputs["url"]
    read = _no_login if login is None else partial(_login, login)
    bucket = None
    if "bucket" in outputs and has_shell_key():
        bucket = CosBucket(outputs["bucket"], region, "", shell_key)
    account, secrets = shell_account(region), outputs.get("secrets", {})
    parts = _Parts(account, secrets, outputs.get("functions", {}), bucket)
    return _connected(url, region, api, read, parts, outputs=outputs), tencent_errors.explain_error


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
    account = local_account(document["account"], region)
    named = document["bucket"]
    key = VendorKey(named["secret_id"], named["secret_key"])
    bucket = CosBucket(named["name"], region, named["endpoint"], lambda: key)
    parts = _Parts(account, document["secrets"], document["functions"], bucket)
    return (
        _connected(url, region, api, read, parts, api_key=document["api_key"]),
        tencent_errors.explain_error,
    )


@contextmanager
def _connected(
    url: str,
    region: str,
    api: str,
    login: Callable[[], DatabaseLogin] | None,
    parts: _Parts,
    *,
    api_key: str | None = None,
    outputs: Mapping[str, Any] | None = None,
) -> Iterator[Deployment]:
    try:
        address = parse_database_url(url)
    except SettingsError as error:
        text = str(error).replace(URL_SETTING, "database_url")
        raise CannotBeDone(f"The deployment's file: {text}") from None
    if isinstance(address, SqliteAddress) and not Path(address.path).is_file():
        # SQLite would make one.
        raise CannotBeDone(f"There is no file {address.path}: the deployment is gone.")
    store = SsmStore(parts.account.ssm, parts.secrets)
    functions = ScfFunctions(parts.account.scf, parts.functions)
    with closing(Database(url, login)) as database:
        yield Deployment(
            cloud="tencent",
            region=region,
            api=api.rstrip("/"),
            records=SqlRecords(database, RECORD_DAYS),
            endpoints=SqlEndpoints(database, ENDPOINT_POLICY),
            limits=SqlLimits(database),
            heartbeats=SqlHeartbeats(database),
            functions=functions,
            steps=_steps(parts),
            store=partial(_amiss_in_tables, database),
            clients=partial(_client_names, database),
            concurrency=functions.concurrency,
            check_queues=partial(check_queues, database),
            operator=user_at_host,
            ask=partial(ask, functions),
            bucket=parts.bucket,
            secret=store.get,
            put_secret=store.put,
            api_key=api_key,
            outputs={name: text for name, text in (outputs or {}).items() if isinstance(text, str)},
        )


def _steps(parts: _Parts) -> ScfSteps | None:
    for name, deployed in parts.functions.items():
        return ScfSteps(parts.account.scf, deployed.removesuffix(name), SystemClock())
    return None


def _amiss_in_tables(database: Database) -> list[str]:
    """A connection migrates the tables, so they can only be ahead."""
    version = database.run(lambda session, _: schema_version(session))
    if version > len(MIGRATIONS):
        return [f"the tables have had {version} migrations, this command knows {len(MIGRATIONS)}"]
    return []


def _client_names(database: Database) -> list[str]:
    """Every client; the list index skips from one to the next."""
    rows = database.query("SELECT DISTINCT client FROM verifications ORDER BY client")
    return [name_text(client) for (client,) in rows]


def _no_login() -> DatabaseLogin:
    raise CannotBeDone(
        "The database needs a login: put the text of its secret into a file, and name the file"
        " with --login, or LIVEPROOF_LOGIN in the environment."
    )


def _login(path: Path) -> DatabaseLogin:
    try:
        return msgspec.json.decode(path.read_bytes(), type=DatabaseLogin)
    except OSError as error:
        raise CannotBeDone(f"--login {path}: {error.strerror}") from None
    except msgspec.MsgspecError:
        raise CannotBeDone(f"--login {path}: it must be JSON with user and password") from None
