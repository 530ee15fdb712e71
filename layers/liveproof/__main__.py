"""Commands: `liveproof explain CODE`; for operators `liveproof held`, `liveproof release ID`.

Beside the library, where it is not deployed, the simulator adds `liveproof plan`.

`explain` needs nothing. On AWS the others use the shell's credentials and need dynamodb:Query,
GetItem and PutItem on the table. On Tencent Cloud they need a shell that reaches the database, and
its login in a file (JSON with `user`, `password`, `ca`: the secret's text). Output is JSON lines.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import msgspec

from liveproof.clock import SystemClock, iso
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.command_errors import explain_error as explain_aws_error
from liveproof.clouds.aws.credentials import shell_login
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.clouds.tencent.command_errors import explain_error as explain_tencent_error
from liveproof.clouds.tencent.sql.address import (
    URL_SETTING,
    DatabaseLogin,
    SqliteAddress,
    parse_database_url,
)
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.domain.verification import Verification
from liveproof.explain import explanations
from liveproof.ports import Conflict, Records, RecordUnreadable
from liveproof.settings import SettingsError
from liveproof.use_cases.release_held import NotHeld, held_verifications, release

_ADDED_BY = ("simulator",)
"""Packages whose module `command` adds commands. No deployed function has one of them."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 when it was done, 1 when it could not be, 2 if it was misused."""
    options = _parser().parse_args(arguments)
    if "run" in options:
        return int(options.run(options))
    if options.command == "explain":
        return _explain(options.code)
    try:
        with _records(options) as records:
            if options.command == "held":
                for verification in held_verifications(records):
                    _print(verification)
            else:
                _print(release(records, SystemClock(), options.id))
    except (NotHeld, Conflict, RecordUnreadable, StoreUnusable, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


class StoreUnusable(Exception):
    """The deployment's store cannot be used from here; the text says why, and what to do next."""


@contextmanager
def _records(options: argparse.Namespace) -> Iterator[Records]:
    """The deployment's store. Only finished records are kept for days, and no command ends one.

    Raises:
        StoreUnusable: at the first use, or from the start.
    """
    try:
        if options.table == "":
            raise SettingsError("--table is empty: take TableName from the stack's outputs")
        if options.table:
            yield DynamoRecords(Clients(*shell_login(options.region)), options.table, record_days=1)
            return
        login = _login_of(options)
        with closing(Database(options.database, login)) as database:
            yield SqlRecords(database, record_days=1)
    except SettingsError as error:
        raise StoreUnusable(str(error).replace(URL_SETTING, "--database")) from None
    except Exception as error:
        explained = (
            explain_aws_error(error, options.table)
            if options.table
            else explain_tencent_error(error)
        )
        if explained is None:
            raise
        raise StoreUnusable(explained) from None


def _login_of(options: argparse.Namespace) -> Callable[[], DatabaseLogin] | None:
    address = parse_database_url(options.database)
    if isinstance(address, SqliteAddress):
        # SQLite would make one.
        if not Path(address.path).is_file():
            raise SettingsError(f"--database: there is no file {address.path}")
        return None
    if options.login is None:
        raise SettingsError("mysql needs a login: name a file with the secret's text by --login")
    return partial(_login, options.login)


def _login(path: Path) -> DatabaseLogin:
    try:
        return msgspec.json.decode(path.read_bytes(), type=DatabaseLogin)
    except OSError as error:
        raise SettingsError(f"--login {path}: {error.strerror}") from None
    except msgspec.MsgspecError:
        raise SettingsError(f"--login {path}: it must be JSON with user and password") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="liveproof", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    explained = commands.add_parser("explain", help="what a vendor's code or one of ours means")
    explained.add_argument("code", help="such as FailedOperation.LivessDetectFake, 1002, too_dark")
    deployment = argparse.ArgumentParser(add_help=False)
    store = deployment.add_mutually_exclusive_group(required=True)
    store.add_argument("--table", help="on AWS: the deployment's table")
    store.add_argument("--database", help="on Tencent Cloud: mysql://HOST:PORT/NAME")
    deployment.add_argument("--region", help="on AWS: the deployment's region; else the shell's")
    deployment.add_argument("--login", type=Path, help="on Tencent Cloud: a file with the login")
    commands.add_parser(
        "held", parents=[deployment], help="list verifications that wait for an operator"
    )
    released = commands.add_parser("release", parents=[deployment], help="allow one more paid call")
    released.add_argument("id", help="the verification")
    for package in _ADDED_BY:
        if importlib.util.find_spec(package) is not None:
            importlib.import_module(f"{package}.command").add_command(commands)
    return parser


def _explain(code: str) -> int:
    found = explanations(code)
    for explanation in found:
        print(json.dumps(explanation))
    if not found:
        print(f"{code} is in no code table", file=sys.stderr)
        return 1
    return 0


def _print(verification: Verification) -> None:
    call = verification.last_call
    line = {
        "id": verification.id,
        "status": verification.status.value,
        "calls": len(verification.calls),
        "called_at": iso(call.called_at) if call and call.called_at else None,
        "due_at": iso(verification.due_at) if verification.due_at is not None else None,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    sys.exit(main())
