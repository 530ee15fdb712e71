"""One connection to a database, and what a dialect adds for its kind of database.

Statements are written once for all dialects, with `?` for values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from liveproof.clouds.tencent.sql.errors import DatabaseError

Row = tuple[Any, ...]


def placeholders(values: Sequence[Any]) -> str:
    """A `?` for each value, with commas between them."""
    return ", ".join("?" * len(values))


def name_text(name: str | bytes) -> str:
    """A client's name as a row has it: MySQL keeps it as bytes."""
    return name.decode() if isinstance(name, bytes) else name


class Timeouts(NamedTuple):
    """How long to wait, in seconds.

    Attributes:
        connect: for a connection.
        answer: for each answer of the server.
        row_lock: whole seconds, at least 1, for a row that another transaction has locked. Shorter
            than `answer`, so that the server gives up before the client does.
        exclusive: for the lock of a change to the tables. SQLite has one lock, for the whole file,
            so any statement waits for it this long.
        idle: the age at which an unused connection is not used again. It may have been dropped on
            the way without notice, and the first statement would wait for its whole timeout.
    """

    connect: float = 3
    answer: float = 10
    row_lock: int = 3
    exclusive: float = 5
    idle: float = 120


DEFAULT_TIMEOUTS = Timeouts()


class Done(NamedTuple):
    """What came of a statement.

    Attributes:
        matched: rows that an UPDATE or DELETE matched.
        rows: of a SELECT.
        id: see `Dialect.last_insert_id`; any number where the statement called no such function.
    """

    matched: int
    rows: list[Row]
    id: int


class Cursor(Protocol):
    """The used part of a DB-API cursor."""

    @property
    def rowcount(self) -> int: ...

    @property
    def lastrowid(self) -> int | None: ...

    def execute(self, statement: str, values: Sequence[Any], /) -> Any: ...

    def fetchall(self) -> Sequence[Any]: ...

    def close(self) -> None: ...


class Connection(Protocol):
    """The used part of a DB-API connection in autocommit mode."""

    def cursor(self) -> Cursor: ...

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None: ...


class Dialect(Protocol):
    """One kind of database: its driver, its column types, the meaning of its errors.

    Attributes:
        begin: the statement that begins a transaction which will write.
        types: column types by their names in `migrations`, and `options` of a table.
    """

    begin: str
    types: Mapping[str, str]

    @property
    def driver_error(self) -> type[Exception]:
        """The driver's base exception. Imports the driver."""

    def connect(self) -> Connection:
        """A new connection. Raises `driver_error`."""

    def placeholders(self, statement: str) -> str:
        """The statement with the driver's placeholders in place of `?`."""

    def classify(
        self, error: Exception, connection: Connection | None
    ) -> type[DatabaseError] | None:
        """What an error of the driver means; None if no caller can handle it.

        Args:
            connection: the one that raised it; None if connecting failed.
        """

    def exclusive(self, session: Session) -> AbstractContextManager[None]:
        """A block that only one connection to the database runs at a time. Raises Contention."""

    def last_insert_id(self, cursor: Cursor) -> int:
        """What the cursor's statement passed to LAST_INSERT_ID."""


class Session:
    """An open connection, in autocommit mode outside of `begin` and `commit`.

    Every method raises DatabaseError for an error of the driver that `Dialect.classify` knows, and
    the driver's own error otherwise.

    Attributes:
        types: the dialect's column types.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.types: Mapping[str, str] = dialect.types
        try:
            self._connection = dialect.connect()
        except dialect.driver_error as error:
            self._translate(error, connected=False)
            raise

    def execute(self, statement: str, *values: Any) -> int:
        """The number of rows that the statement matched."""
        return self._run(statement, values).matched

    def update_returning(self, statement: str, *values: Any) -> int | None:
        """The number that an UPDATE of one row passed to LAST_INSERT_ID; None if no row matched.

        MySQL's UPDATE has no RETURNING. With this function it needs no second statement either:
        the number comes with the answer, as the id of an added row does.
        """
        done = self._run(statement, values)
        return done.id if done.matched else None

    def query(self, statement: str, *values: Any) -> list[Row]:
        """The rows of a SELECT."""
        return self._run(statement, values).rows

    def begin(self) -> None:
        self.execute(self._dialect.begin)

    def commit(self) -> None:
        try:
            self._connection.commit()
        except self._dialect.driver_error as error:
            self._translate(error)
            raise

    def roll_back(self) -> None:
        try:
            self._connection.rollback()
        except self._dialect.driver_error as error:
            self._translate(error)
            raise

    def exclusive(self) -> AbstractContextManager[None]:
        """See `Dialect.exclusive`."""
        return self._dialect.exclusive(self)

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        try:
            self._connection.close()
        except self._dialect.driver_error:
            return  # it was closed

    def _run(self, statement: str, values: tuple[Any, ...]) -> Done:
        cursor = self._connection.cursor()
        try:
            cursor.execute(self._dialect.placeholders(statement), values)
            rows = list(cursor.fetchall())
            return Done(cursor.rowcount, rows, self._dialect.last_insert_id(cursor))
        except self._dialect.driver_error as error:
            self._translate(error)
            raise
        finally:
            cursor.close()

    def _translate(self, error: Exception, *, connected: bool = True) -> None:
        """Raise the driver's error as a DatabaseError, if it has such a meaning."""
        connection = self._connection if connected else None
        meaning = self._dialect.classify(error, connection)
        if meaning is not None:
            raise meaning(str(error)) from error
