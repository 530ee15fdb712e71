"""SQLite, for local runs: a file that several processes share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from liveproof.clouds.tencent.sql.address import SqliteAddress
from liveproof.clouds.tencent.sql.errors import (
    AlreadyExists,
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

# By words of the message: Python gives SQLite's error codes only from 3.11 on.
_MEANINGS: tuple[tuple[str, type[DatabaseError]], ...] = (
    ("UNIQUE constraint failed", DuplicateKey),
    ("is locked", Contention),
    ("no such table", NoSuchTable),
    ("already exists", AlreadyExists),
    ("duplicate column name", AlreadyExists),
)


class Sqlite:
    """A database in a file. Its texts are compared by their bytes, and nothing is cut off."""

    begin = "BEGIN IMMEDIATE"
    types: Mapping[str, str] = MappingProxyType(
        {
            "key": "TEXT",
            "name": "TEXT",
            "document": "TEXT",
            "time": "INTEGER",
            "number": "INTEGER",
            "options": "",
        }
    )

    def __init__(self, address: SqliteAddress, timeouts: Timeouts = DEFAULT_TIMEOUTS) -> None:
        self._path = address.path
        self._timeouts = timeouts
        self._last_id = 0

    @property
    def driver_error(self) -> type[Exception]:
        import sqlite3

        return sqlite3.Error

    def connect(self) -> Connection:
        import sqlite3

        connection = sqlite3.connect(
            self._path,
            timeout=self._timeouts.exclusive,
            isolation_level=None,  # transactions begin where we say so
            check_same_thread=False,  # Database lets one thread in at a time
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # A killed process loses nothing. A power failure may lose the last commits, in order.
            connection.execute("PRAGMA synchronous = NORMAL")
            # RETURNING would need SQLite 3.35, and another statement than MySQL's.
            connection.create_function("LAST_INSERT_ID", 1, self._remember_id)
        except BaseException:
            connection.close()
            raise
        return connection

    def placeholders(self, statement: str) -> str:
        return statement

    def classify(
        self, error: Exception, connection: Connection | None
    ) -> type[DatabaseError] | None:
        text = str(error)
        return next((meaning for words, meaning in _MEANINGS if words in text), None)

    def _remember_id(self, number: int) -> int:
        self._last_id = number
        return number

    def last_insert_id(self, cursor: Cursor) -> int:
        return self._last_id

    @contextmanager
    def exclusive(self, session: Session) -> Iterator[None]:
        session.begin()
        try:
            yield
            session.commit()
        except BaseException:
            session.roll_back()
            raise
