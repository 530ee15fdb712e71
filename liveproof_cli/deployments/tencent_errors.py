"""What a command prints for an error of the database, or of Tencent Cloud's API."""

from __future__ import annotations

import sqlite3
import ssl

from liveproof.clouds.tencent.sql.errors import DatabaseUnavailable
from liveproof.clouds.tencent.steps import StepNotStarted
from liveproof.ports import SecretUnusable
from liveproof.vendors.errors import VendorError
from liveproof_cli.errors import one_line

_REACH = "run the command where the database can be reached, as a machine in its subnet"
_INVOKE = (
    "Look at the key in TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, at its permission"
    " scf:InvokeFunction, and at the network."
)


def explain_error(error: Exception) -> str | None:
    """What is wrong and what to do next; None for an error of another kind.

    Args:
        error: raised by the use of the store.
    """
    if isinstance(error, DatabaseUnavailable):
        return f"The database does not answer: {_REACH}. {one_line(error)}"
    if isinstance(error, SecretUnusable):
        return f"The login cannot be used: look at the file of --login. {one_line(error)}"
    if isinstance(error, (VendorError, StepNotStarted)):
        return f"Tencent Cloud's API: {one_line(error)}. {_INVOKE}"
    if isinstance(error, sqlite3.Error):
        return f"The database's file cannot be used: {one_line(error)}"
    import pymysql

    if not isinstance(error, pymysql.Error):
        return None
    if isinstance(getattr(error, "original_exception", None), ssl.SSLError):
        return (
            "The database's certificate is not of the `ca` in the file of --login: download it"
            " again (output database_ca_url)."
        )
    code = error.args[0] if error.args else None
    if code == 1045:
        return "The database refuses the login: look at user and password in the file of --login."
    if code == 1049:
        return "The server has no such database: look at the end of the output database_url."
    if code in (1044, 1142):
        return "The login may not use this database: take the login of the functions' secret."
    return f"The database refused: {one_line(error)}"
