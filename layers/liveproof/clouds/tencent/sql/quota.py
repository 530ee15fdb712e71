"""The Quota port in SQL: one row per limit, whose `next_at` is the first free slot.

A reservation is one conditional update that moves `next_at` on by a slot's width. The row stays
locked until the new value is read, so concurrent callers get different slots.
"""

from __future__ import annotations

import math

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.errors import DuplicateKey
from liveproof.clouds.tencent.sql.session import Session
from liveproof.ports import QuotaFull

_TRIES = 3
_NEVER = 2**62


class SqlQuota:
    """The quota table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, name: str, per_second: float, now: int, latest: int | None = None) -> int:
        """See `Quota`. A reservation whose answer is lost stays taken, and another is made.

        Raises:
            DatabaseUnavailable: in several attempts.
        """
        width = math.ceil(1000 / per_second)
        if latest is not None and latest < now:
            raise QuotaFull(name)
        last = _NEVER if latest is None else latest

        def reserve(session: Session, _: bool) -> int | None:
            taken = session.execute(
                "UPDATE quota SET next_at = CASE WHEN next_at > ? THEN next_at ELSE ? END + ?"
                " WHERE name = ? AND next_at <= ?",
                now,
                now,
                width,
                name,
                last,
            )
            rows = session.query("SELECT next_at FROM quota WHERE name = ?", name)
            if not rows:
                return None
            if not taken:
                raise QuotaFull(name)
            return int(rows[0][0]) - width

        for _ in range(_TRIES):
            slot = self._database.transaction(reserve)
            if slot is not None:
                return slot
            self._add_row(name)
        raise RuntimeError(f"no slot of {name} could be reserved")

    def _add_row(self, name: str) -> None:
        # In a statement of its own: within the transactions, two concurrent inserts would deadlock.
        try:
            self._database.execute("INSERT INTO quota (name, next_at) VALUES (?, 0)", name)
        except DuplicateKey:
            return  # added by another function
