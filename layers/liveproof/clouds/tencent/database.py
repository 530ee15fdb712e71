"""The deployment's SQL database: one connection per container, opened when first needed.

Work is a function over a `Session`. It is run again when others were in the way (nothing was done
then), and when the connection broke: whether it was done is unknown then, and the work is told so.
The container's threads take turns, so a container never holds more than one connection: a
serverless database has few, and the number of containers is what bounds them.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from liveproof.clouds.tencent import migrations
from liveproof.clouds.tencent.database_url import SqliteAddress, database_address
from liveproof.clouds.tencent.dialects import Busy, Dialect, Lost, Row
from liveproof.clouds.tencent.mysql import Mysql
from liveproof.clouds.tencent.sqlite import Sqlite
from liveproof.secret_documents import SecretDocument
from liveproof.settings import SettingsError

_BUSY_TRIES = 10
_LOST_TRIES = 3
_FIRST_PAUSE_SECONDS = 0.01
_LONGEST_PAUSE_SECONDS = 0.5
# An older connection may have been dropped on the way without a word; then the first statement
# would wait for its whole timeout.
_IDLE_SECONDS = 120

_T = TypeVar("_T")


class DatabaseUnavailable(Exception):
    """The database could not be reached, or was too busy, in several tries."""


class DatabaseLogin(SecretDocument, frozen=True):
    """What opens the database. `ca` is the CA of its certificate, in PEM; None: not verified."""

    user: str
    password: str
    ca: str | None = None

    def __repr__(self) -> str:
        return f"DatabaseLogin(user={self.user!r})"


class Session:
    """An open connection. Statements take `?` for values and commit by themselves.

    Attributes:
        types: the dialect's column types.
    """

    def __init__(self, dialect: Dialect) -> None:
        """Opens it. Raises Busy and Lost, and the driver's own errors."""
        self._dialect = dialect
        self.types: Mapping[str, str] = dialect.types
        try:
            self._connection = dialect.connect()
        except dialect.errors as error:
            self._translate(error, connected=False)
            raise

    def execute(self, statement: str, *values: Any) -> int:
        """How many rows the statement found. Raises Duplicate, Busy, Lost."""
        return self._run(statement, values)[0]

    def query(self, statement: str, *values: Any) -> list[Row]:
        """The rows of a SELECT. Raises Busy, Lost."""
        return self._run(statement, values)[1]

    def begin(self) -> None:
        """Begin a transaction."""
        self.execute(self._dialect.begin)

    def commit(self) -> None:
        """End it. Raises Busy, Lost."""
        try:
            self._connection.commit()
        except self._dialect.errors as error:
            self._translate(error)
            raise

    def roll_back(self) -> None:
        """Take everything of the transaction back. Raises Lost."""
        try:
            self._connection.rollback()
        except self._dialect.errors as error:
            self._translate(error)
            raise

    def alone(self) -> AbstractContextManager[None]:
        """A block that only one connection runs at a time. Raises Busy."""
        return self._dialect.alone(self)

    def close(self) -> None:
        """Close it, whatever state it is in."""
        try:
            self._connection.close()
        except self._dialect.errors:
            return  # it was closed

    def _run(self, statement: str, values: tuple[Any, ...]) -> tuple[int, list[Row]]:
        cursor = self._connection.cursor()
        try:
            cursor.execute(self._dialect.statement(statement), values)
            return cursor.rowcount, list(cursor.fetchall())
        except self._dialect.errors as error:
            self._translate(error)
            raise
        finally:
            cursor.close()

    def _translate(self, error: Exception, *, connected: bool = True) -> None:
        """Raises what the error means, if anybody can handle it."""
        connection = self._connection if connected else None
        meaning = self._dialect.trouble(error, connection)
        if meaning is not None:
            raise meaning(str(error)) from error


Work = Callable[[Session, bool], _T]
"""Uses a session. The flag: an earlier run of the same work may have been done, nobody knows."""


class Database:
    """The database that a URL names. May be shared by threads, not across a fork.

    Args:
        url: see `database_url`.
        credentials: what opens a `mysql` database, asked at every connection.

    Raises:
        SettingsError: the URL cannot be meant, or needs credentials and there are none.
    """

    def __init__(self, url: str, credentials: Callable[[], DatabaseLogin] | None) -> None:
        address = database_address(url)
        self._dialect: Dialect
        if isinstance(address, SqliteAddress):
            self._dialect = Sqlite(address)
        elif credentials is None:
            raise SettingsError("LIVEPROOF_DATABASE_SECRET is empty, and mysql needs a login")
        else:
            self._dialect = Mysql(address, credentials)
        self._turn = threading.Lock()
        self._session: Session | None = None
        self._used_at = 0.0
        self._migrated = False

    def query(self, statement: str, *values: Any) -> list[Row]:
        """The rows of a SELECT, as committed now. Raises DatabaseUnavailable."""
        return self.run(lambda session, _: session.query(statement, *values))

    def execute(self, statement: str, *values: Any) -> int:
        """How many rows the statement found; for one that may be executed twice.

        Raises:
            DatabaseUnavailable: in several tries. It may have been executed.
        """
        return self.run(lambda session, _: session.execute(statement, *values))

    def run(self, work: Work[_T]) -> _T:
        """What the work returns; each of its statements commits by itself.

        Raises:
            DatabaseUnavailable: in several tries. The work may have been done.
        """
        return self._repeat(lambda lost: self._once(work, lost))

    def transaction(self, work: Work[_T]) -> _T:
        """What the work returns, in one transaction that anything raised takes back.

        Raises:
            DatabaseUnavailable: in several tries. The work may have been done.
        """

        def in_transaction(session: Session, lost: bool) -> _T:
            session.begin()
            try:
                result = work(session, lost)
                session.commit()
            except Lost:
                raise
            except Exception:
                session.roll_back()
                raise
            return result

        return self._repeat(lambda lost: self._once(in_transaction, lost))

    def close(self) -> None:
        """Close the connection; the next use opens another."""
        with self._turn:
            self._drop()

    def _repeat(self, attempt: Callable[[bool], _T]) -> _T:
        busy = lost = 0
        while True:
            try:
                return attempt(lost > 0)
            except Busy as error:
                busy += 1
                trouble: Exception = error
            except Lost as error:
                lost += 1
                trouble = error
            if busy >= _BUSY_TRIES or lost >= _LOST_TRIES:
                raise DatabaseUnavailable(str(trouble)) from trouble
            # By chance, so that those who met do not meet again.
            longest = min(_FIRST_PAUSE_SECONDS * 2 ** (busy + lost), _LONGEST_PAUSE_SECONDS)
            time.sleep(random.uniform(0, longest))  # noqa: S311 - not a secret

    def _once(self, work: Work[_T], lost: bool) -> _T:
        with self._turn:
            try:
                return work(self._open(), lost)
            except Lost:
                self._drop()
                raise
            except Exception:
                raise  # the connection is as good as before
            except BaseException:
                self._drop()  # stopped in the middle of an answer
                raise
            finally:
                self._used_at = time.monotonic()

    def _open(self) -> Session:
        if self._session is not None and time.monotonic() - self._used_at > _IDLE_SECONDS:
            self._drop()
        if self._session is None:
            self._session = Session(self._dialect)
        if not self._migrated:
            migrations.migrate(self._session)
            self._migrated = True
        return self._session

    def _drop(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
