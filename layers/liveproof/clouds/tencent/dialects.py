"""What the databases differ in. Statements are written once, for both, with `?` for values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from liveproof.clouds.tencent.database import Session

Row = tuple[Any, ...]


class Trouble(Exception):
    """A driver's error of a kind that callers tell apart; its cause is the driver's own."""


class Duplicate(Trouble):
    """A row with this key is there already."""


class Busy(Trouble):
    """Others were in the way (a deadlock, a lock that did not come); nothing was done."""


class Lost(Trouble):
    """The connection broke, or there was none; whether the statement was executed is unknown."""


class NoTable(Trouble):
    """A statement names a table that does not exist."""


class AlreadyThere(Trouble):
    """What a statement should make exists."""


class Cursor(Protocol):
    """A DB-API cursor, as far as it is used."""

    @property
    def rowcount(self) -> int: ...

    def execute(self, statement: str, values: Sequence[Any], /) -> Any: ...

    def fetchall(self) -> Sequence[Any]: ...

    def close(self) -> None: ...


class Connection(Protocol):
    """A DB-API connection in autocommit mode."""

    def cursor(self) -> Cursor: ...

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None: ...


class Dialect(Protocol):
    """One kind of database: how it is reached, what it calls things, what its errors mean.

    Attributes:
        begin: the statement that begins a transaction which will write.
        types: column types by their names in `migrations`, and `options` of a table.
    """

    begin: str
    types: Mapping[str, str]

    @property
    def errors(self) -> type[Exception]:
        """The driver's base exception. Imports the driver."""

    def connect(self) -> Connection:
        """A new connection. Raises the driver's errors."""

    def statement(self, statement: str) -> str:
        """The statement with the driver's placeholders."""

    def trouble(self, error: Exception, connection: Connection | None) -> type[Trouble] | None:
        """What an error of the driver means; None: nothing that anybody here can handle."""

    def alone(self, session: Session) -> AbstractContextManager[None]:
        """A block that only one connection to the database runs at a time. Raises Busy."""
