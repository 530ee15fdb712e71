"""The Limits port in SQL: a row per counter, and one per remembered digest."""

from __future__ import annotations

from contextlib import suppress

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.errors import DatabaseUnavailable, DuplicateKey
from liveproof.clouds.tencent.sql.session import Session
from liveproof.domain.limits import Counts, Most, taken

_NO_LIMIT = 2**62
_TRIES = 20


class SqlLimits:
    """The tables `limit_counters` and `rejected_files`. `SqlRecords` deletes what is over.

    Every method raises DatabaseUnavailable, after several attempts.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, counter: str, added: Counts, most: Most, keep_until: int) -> Counts:
        """See `Limits.take`. An update that counts locks the row until it is read."""
        highest = [_NO_LIMIT if limit is None else limit for limit in most]

        def add(session: Session, _: bool) -> tuple[bool, Counts] | None:
            updated_rows = session.execute(
                "UPDATE limit_counters SET attempts = attempts + ?, open_count = open_count + ?,"
                " spend = spend + ? WHERE counter = ? AND attempts + ? <= ?"
                " AND open_count + ? <= ? AND spend + ? <= ?",
                *added,
                counter,
                *(value for pair in zip(added, highest, strict=True) for value in pair),
            )
            rows = session.query(
                "SELECT attempts, open_count, spend FROM limit_counters WHERE counter = ?", counter
            )
            return (updated_rows > 0, Counts(*map(int, rows[0]))) if rows else None

        for _ in range(_TRIES):
            seen = self._database.transaction(add)
            if seen is None:
                # In a statement of its own: within the transactions, two inserts would deadlock.
                with suppress(DuplicateKey):
                    self._database.execute(
                        "INSERT INTO limit_counters (counter, keep_until) VALUES (?, ?)",
                        counter,
                        keep_until,
                    )
                continue
            was_added, counts = seen
            if was_added:
                return counts
            # Under READ COMMITTED another function may give back between the two statements.
            taken(counts, added, most)
        raise DatabaseUnavailable("a counter could not be changed")

    def counts(self, counter: str) -> Counts:
        rows = self._database.query(
            "SELECT attempts, open_count, spend FROM limit_counters WHERE counter = ?", counter
        )
        return Counts(*map(int, rows[0])) if rows else Counts()

    def give_back(self, counter: str, back: Counts) -> None:
        def subtract(session: Session, in_doubt: bool) -> None:
            if not in_doubt:  # an earlier attempt may have been committed
                session.execute(
                    "UPDATE limit_counters SET attempts = attempts - ?,"
                    " open_count = open_count - ?, spend = spend - ? WHERE counter = ?",
                    *back,
                    counter,
                )

        self._database.run(subtract)

    def remember(self, digest: str, until: int) -> None:
        def write(session: Session, _: bool) -> None:
            if not session.execute(
                "UPDATE rejected_files SET keep_until = ? WHERE digest = ?", until, digest
            ):
                session.execute(
                    "INSERT INTO rejected_files (digest, keep_until) VALUES (?, ?)", digest, until
                )

        with suppress(DuplicateKey):  # another function remembers it at this moment
            self._database.run(write)

    def remembered_until(self, digest: str, now: int) -> int | None:
        rows = self._database.query(
            "SELECT keep_until FROM rejected_files WHERE digest = ? AND keep_until > ?", digest, now
        )
        return int(rows[0][0]) if rows else None

    def forget(self, digest: str) -> None:
        self._database.execute("DELETE FROM rejected_files WHERE digest = ?", digest)
