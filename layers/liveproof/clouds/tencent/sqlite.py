"""SQLite, for local runs: a file that several processes share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

from liveproof.clouds.tencent.database_url import SqliteAddress
from liveproof.clouds.tencent.dialects import (
    AlreadyThere,
    Busy,
    Connection,
    Duplicate,
    NoTable,
    Trouble,
)

if TYPE_CHECKING:
    from liveproof.clouds.tencent.database import Session

_BUSY_SECONDS = 5

# By words of the message: Python has SQLite's error codes from 3.11 on only.
_MEANINGS: tuple[tuple[str, type[Trouble]], ...] = (
    ("UNIQUE constraint failed", Duplicate),
    ("is locked", Busy),
    ("no such table", NoTable),
    ("already exists", AlreadyThere),
    ("duplicate column name", AlreadyThere),
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

    def __init__(self, address: SqliteAddress) -> None:
        self._path = address.path

    @property
    def errors(self) -> type[Exception]:
        import sqlite3

        return sqlite3.Error

    def connect(self) -> Connection:
        import sqlite3

        connection = sqlite3.connect(
            self._path,
            timeout=_BUSY_SECONDS,
            isolation_level=None,  # transactions begin where we say so
            check_same_thread=False,  # Database lets one thread in at a time
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # A killed process loses nothing; only a machine without power may, and never the order.
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
        return connection

    def statement(self, statement: str) -> str:
        return statement

    def trouble(self, error: Exception, connection: Connection | None) -> type[Trouble] | None:
        text = str(error)
        return next((meaning for words, meaning in _MEANINGS if words in text), None)

    @contextmanager
    def alone(self, session: Session) -> Iterator[None]:
        session.begin()
        try:
            yield
            session.commit()
        except BaseException:
            session.roll_back()
            raise
