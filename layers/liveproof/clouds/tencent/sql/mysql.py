"""TDSQL-C for MySQL, and every server of MySQL's protocol from 5.7 on, through PyMySQL.

Keys are ASCII compared by their bytes, so that letter case and accents count; a client's name is
any text, kept as bytes, since MySQL's text columns would ignore spaces at its end.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from liveproof.clouds.tencent.sql.address import DatabaseLogin, MysqlAddress
from liveproof.clouds.tencent.sql.errors import (
    AlreadyExists,
    ConnectionLost,
    Contention,
    DatabaseError,
    DuplicateKey,
    NoSuchTable,
)
from liveproof.clouds.tencent.sql.session import (
    DEFAULT_TIMEOUTS,
    Connection,
    Cursor,
    Session,
    Timeouts,
)
from liveproof.ports import SecretUnusable
from liveproof.settings import SettingsError

# Per connection, whatever the server's defaults: a value that does not fit is an error and is never
# truncated; the wait for a lock ends before the wait for the answer; and a function that vanished
# keeps its locks and its connection for five minutes, not for hours.
_SESSION_SETTINGS = (
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION',"
    " SESSION innodb_lock_wait_timeout = {row_lock}, SESSION wait_timeout = 300"
)

_MEANINGS: dict[int, type[DatabaseError]] = {
    1062: DuplicateKey,
    1205: Contention,  # a lock was not granted in time
    1213: Contention,  # a deadlock; this transaction was rolled back
    1040: ConnectionLost,  # too many connections
    1053: ConnectionLost,  # the server is shutting down
    1290: ConnectionLost,  # read-only: this server has just been demoted, another one writes now
    1836: ConnectionLost,  # the same
    1927: ConnectionLost,  # killed
    2003: ConnectionLost,  # cannot connect
    2006: ConnectionLost,
    2013: ConnectionLost,
    4031: ConnectionLost,  # closed by the server, which waited too long (MySQL 8.0.24 and later)
    9449: ConnectionLost,  # TDSQL-C: the instance was paused and is starting
    1146: NoSuchTable,
    1050: AlreadyExists,  # a table
    1060: AlreadyExists,  # a column
    1061: AlreadyExists,  # an index
}


class Mysql:
    """A database of a server.

    Args:
        credentials: called for every connection, since passwords are changed.
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

    def __init__(
        self,
        address: MysqlAddress,
        credentials: Callable[[], DatabaseLogin],
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        self._address = address
        self._credentials = credentials
        self._timeouts = timeouts

    @property
    def driver_error(self) -> type[Exception]:
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
            init_command=_SESSION_SETTINGS.format(row_lock=self._timeouts.row_lock),
            # An update's row count is of the rows that it matched, as in other databases.
            client_flag=CLIENT.FOUND_ROWS,
            connect_timeout=self._timeouts.connect,
            read_timeout=self._timeouts.answer,
            write_timeout=self._timeouts.answer,
            # Without either, PyMySQL would go on unencrypted with a server that offers no TLS.
            ssl=context,
            ssl_disabled=context is None,
        )

    def placeholders(self, statement: str) -> str:
        return statement.replace("?", "%s")

    def classify(
        self, error: Exception, connection: Connection | None
    ) -> type[DatabaseError] | None:
        if isinstance(getattr(error, "original_exception", None), ssl.SSLCertVerificationError):
            return None  # another try would find the same certificate
        code: Any = error.args[0] if error.args else None
        meaning = _MEANINGS.get(code)
        if meaning is None and connection is not None and not getattr(connection, "open", True):
            return ConnectionLost  # PyMySQL closes what it cannot follow
        return meaning

    def last_insert_id(self, cursor: Cursor) -> int:
        return cursor.lastrowid or 0

    @contextmanager
    def exclusive(self, session: Session) -> Iterator[None]:
        # A schema change commits by itself, so no transaction can hold it. The lock belongs to the
        # server, for all of its databases, and ends with the connection.
        lock = f"liveproof {self._address.name}"[:64]
        if session.query("SELECT GET_LOCK(?, ?)", lock, self._timeouts.exclusive)[0][0] != 1:
            raise Contention("another function is changing the tables")
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
