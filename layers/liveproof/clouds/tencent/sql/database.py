"""The deployment's SQL database: one connection per container, opened when first needed.

Work is a function over a `Session`. It is run again after contention (nothing was done then), and
after the connection broke: whether it was done is in doubt then, and a flag says so. The
container's threads take turns, so a container never holds more than one connection: a serverless
database has few, and the number of containers is what bounds them.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from liveproof.clouds.tencent.sql.address import (
    DatabaseLogin,
    SqliteAddress,
    parse_database_url,
)
from liveproof.clouds.tencent.sql.errors import ConnectionLost, Contention, DatabaseUnavailable
from liveproof.clouds.tencent.sql.migrations import MIGRATIONS, migrate
from liveproof.clouds.tencent.sql.mysql import Mysql
from liveproof.clouds.tencent.sql.session import DEFAULT_TIMEOUTS, Dialect, Row, Session, Timeouts
from liveproof.clouds.tencent.sql.sqlite import Sqlite
from liveproof.settings import SettingsError

_CONTENTION_ATTEMPTS = 10
_CONNECTION_ATTEMPTS = 3
_FIRST_PAUSE_SECONDS = 0.01
_LONGEST_PAUSE_SECONDS = 0.5

_T = TypeVar("_T")

Work = Callable[[Session, bool], _T]
"""Uses a session. The flag, `in_doubt`, is True in an attempt after a lost connection: an earlier
attempt may have been committed."""


class Database:
    """The database that a URL names. May be shared by threads, not across a fork.

    Args:
        url: see `address`.
        credentials: gives the login of a `mysql` database; called for every connection.
        migrations: the changes that the tables must have had before any work.
        pause: waits for so many seconds between two attempts.

    Raises:
        SettingsError: the URL is not valid, or needs credentials and there are none.
    """

    def __init__(
        self,
        url: str,
        credentials: Callable[[], DatabaseLogin] | None,
        *,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        migrations: Sequence[str] = MIGRATIONS,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        address = parse_database_url(url)
        self._dialect: Dialect
        if isinstance(address, SqliteAddress):
            self._dialect = Sqlite(address, timeouts)
        elif credentials is None:
            raise SettingsError("LIVEPROOF_DATABASE_SECRET is empty, and mysql needs a login")
        else:
            self._dialect = Mysql(address, credentials, timeouts)
        self._idle_seconds = timeouts.idle
        self._migrations = migrations
        self._pause = pause
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._used_at = 0.0
        self._migrated = False

    def query(self, statement: str, *values: Any) -> list[Row]:
        """The rows of a SELECT, as committed now. Raises DatabaseUnavailable."""
        return self.run(lambda session, _: session.query(statement, *values))

    def execute(self, statement: str, *values: Any) -> int:
        """The number of rows that an idempotent statement matched.

        Raises:
            DatabaseUnavailable: in several attempts. It may have been executed.
        """
        return self.run(lambda session, _: session.execute(statement, *values))

    def run(self, work: Work[_T]) -> _T:
        """What the work returns; each of its statements commits by itself.

        Raises:
            DatabaseUnavailable: in several attempts. The work may have been done.
        """
        return self._retry(lambda in_doubt: self._attempt(work, in_doubt))

    def transaction(self, work: Work[_T]) -> _T:
        """What the work returns, in one transaction, which any exception rolls back.

        Raises:
            DatabaseUnavailable: in several attempts. The work may have been done.
        """

        def in_transaction(session: Session, in_doubt: bool) -> _T:
            session.begin()
            try:
                result = work(session, in_doubt)
                session.commit()
            except ConnectionLost:
                raise
            except Exception:
                session.roll_back()
                raise
            return result

        return self._retry(lambda in_doubt: self._attempt(in_transaction, in_doubt))

    def close(self) -> None:
        """Close the connection; the next use opens another."""
        with self._lock:
            self._disconnect()

    def _retry(self, attempt: Callable[[bool], _T]) -> _T:
        contended = lost = 0
        while True:
            try:
                return attempt(lost > 0)
            except Contention as error:
                contended += 1
                failure: Exception = error
            except ConnectionLost as error:
                lost += 1
                failure = error
            if contended >= _CONTENTION_ATTEMPTS or lost >= _CONNECTION_ATTEMPTS:
                raise DatabaseUnavailable(str(failure)) from failure
            # Full jitter: those that contended do not meet again.
            longest = min(_FIRST_PAUSE_SECONDS * 2 ** (contended + lost), _LONGEST_PAUSE_SECONDS)
            self._pause(random.uniform(0, longest))  # noqa: S311 - spreads retries, guards nothing

    def _attempt(self, work: Work[_T], in_doubt: bool) -> _T:
        with self._lock:
            try:
                return work(self._connected(), in_doubt)
            except ConnectionLost:
                self._disconnect()
                raise
            except Exception:
                raise  # the connection is as good as before
            except BaseException:
                self._disconnect()  # stopped in the middle of an answer
                raise
            finally:
                self._used_at = time.monotonic()

    def _connected(self) -> Session:
        """The container's session, its tables up to date."""
        if self._session is not None and time.monotonic() - self._used_at > self._idle_seconds:
            self._disconnect()
        if self._session is None:
            self._session = Session(self._dialect)
        if not self._migrated:
            migrate(self._session, self._migrations)
            self._migrated = True
        return self._session

    def _disconnect(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
