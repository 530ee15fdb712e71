"""TDSQL-C for MySQL, and every server of MySQL's protocol from 5.7 on, through PyMySQL.

Keys are ASCII compared by their bytes, so that letter case and accents count; a client's name is
any text, kept as bytes, since MySQL's text columns would ignore spaces at its end.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from liveproof.clouds.tencent.database_url import MysqlAddress
from liveproof.clouds.tencent.dialects import (
    AlreadyThere,
    Busy,
    Connection,
    Duplicate,
    Lost,
    NoTable,
    Trouble,
)
from liveproof.ports import SecretUnusable
from liveproof.settings import SettingsError

if TYPE_CHECKING:
    from liveproof.clouds.tencent.database import DatabaseLogin, Session

_CONNECT_TIMEOUT_SECONDS = 3
_READ_TIMEOUT_SECONDS = 10
_ALONE_SECONDS = 5

# Per connection, whatever the server's defaults: what does not fit is an error and never cut off; a
# lock that does not come is given up before the answer is; and a function that vanished without a
# word keeps its locks and its place among the connections for five minutes, not for hours.
_SETTINGS = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',"
    " SESSION innodb_lock_wait_timeout = 3, SESSION wait_timeout = 300"
)

_MEANINGS: dict[int, type[Trouble]] = {
    1062: Duplicate,
    1205: Busy,  # a lock did not come
    1213: Busy,  # a deadlock, and this transaction was the one to go
    1040: Lost,  # too many connections
    1053: Lost,  # the server is shutting down
    1290: Lost,  # read-only: this server has just been demoted, another one writes now
    1836: Lost,  # the same
    1927: Lost,  # killed
    2003: Lost,  # cannot connect
    2006: Lost,
    2013: Lost,
    9449: Lost,  # TDSQL-C: the instance was paused and is starting
    1146: NoTable,
    1050: AlreadyThere,  # a table
    1060: AlreadyThere,  # a column
    1061: AlreadyThere,  # an index
}


class Mysql:
    """A database of a server.

    Args:
        credentials: asked at every connection, since passwords are changed.
    """

    begin = "BEGIN"
    types: Mapping[str, str] = MappingProxyType(
        {
            "key": "VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin",
            "name": "VARBINARY(255)",
            "document": "MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            "time": "BIGINT",
            "number": "INT",
            "options": "ENGINE = InnoDB",
        }
    )

    def __init__(self, address: MysqlAddress, credentials: Callable[[], DatabaseLogin]) -> None:
        self._address = address
        self._credentials = credentials

    @property
    def errors(self) -> type[Exception]:
        import pymysql

        return pymysql.Error

    def connect(self) -> Connection:
        """Raises SettingsError for `tls=host` without a CA, SecretUnusable for an unreadable CA."""
        import pymysql
        from pymysql.constants import CLIENT

        login = self._credentials()
        context = _tls_context(self._address, login.ca)
        return pymysql.connect(
            host=self._address.host,
            port=self._address.port,
            database=self._address.name,
            user=login.user,
            password=login.password.encode(),  # PyMySQL would take text for Latin-1
            charset="utf8mb4",
            collation="utf8mb4_bin",
            autocommit=True,
            init_command=_SETTINGS,
            # An update's row count is of the rows that it found, as everywhere else.
            client_flag=CLIENT.FOUND_ROWS,
            connect_timeout=_CONNECT_TIMEOUT_SECONDS,
            read_timeout=_READ_TIMEOUT_SECONDS,
            write_timeout=_READ_TIMEOUT_SECONDS,
            # Without either, PyMySQL would go on unencrypted with a server that offers no TLS.
            ssl=context,
            ssl_disabled=context is None,
        )

    def statement(self, statement: str) -> str:
        return statement.replace("?", "%s")

    def trouble(self, error: Exception, connection: Connection | None) -> type[Trouble] | None:
        if isinstance(getattr(error, "original_exception", None), ssl.SSLCertVerificationError):
            return None  # another try would find the same certificate
        code: Any = error.args[0] if error.args else None
        meaning = _MEANINGS.get(code)
        if meaning is None and connection is not None and not getattr(connection, "open", True):
            return Lost  # PyMySQL closes what it cannot follow
        return meaning

    @contextmanager
    def alone(self, session: Session) -> Iterator[None]:
        # A schema change commits by itself, so no transaction can stand around it. The lock is the
        # server's, for all of its databases, and goes with the connection.
        lock = f"liveproof {self._address.name}"[:64]
        if session.query("SELECT GET_LOCK(?, ?)", lock, _ALONE_SECONDS)[0][0] != 1:
            raise Busy("another function is changing the tables")
        try:
            yield
        finally:
            session.query("SELECT RELEASE_LOCK(?)", lock)


def _tls_context(address: MysqlAddress, ca: str | None) -> ssl.SSLContext | None:
    if address.tls == "off":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = address.tls == "host"
    if ca is not None:
        try:
            context.load_verify_locations(cadata=ca)
        except (ssl.SSLError, ValueError):
            raise SecretUnusable("the database's secret: ca is no certificate in PEM") from None
    elif address.tls == "host":
        raise SettingsError(
            "LIVEPROOF_DATABASE_URL says tls=host, but LIVEPROOF_DATABASE_SECRET holds no ca"
        )
    else:
        context.verify_mode = ssl.CERT_NONE
    return context
