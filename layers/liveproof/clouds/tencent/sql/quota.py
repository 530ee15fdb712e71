"""The Quota port in SQL: one row per limit, whose `next_us` is the first free slot.

A reservation is one conditional update that moves `next_us` on by a slot's width. The row stays
locked until it is read, so concurrent callers get different slots. The first update assumes the
full pace. Where refusals of the vendor slowed it (`full_at`, see `domain/pace.py`), the row says so
and a second update has the right width.

Older versions kept `next_at` in milliseconds. It is not read: nobody waits for its slots any more.
"""

from __future__ import annotations

from typing import NamedTuple

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.errors import DuplicateKey
from liveproof.clouds.tencent.sql.session import Session
from liveproof.domain.pace import (
    SLOWDOWN_INTERVAL_MS,
    QuotaFull,
    slot_ms,
    slot_width_us,
    slow_down,
)

_TRIES = 20
_NEVER_MS = 2**53


class _Limit(NamedTuple):
    """What a row says: see `domain/pace.py`."""

    next_us: int
    full_at: int


class SqlQuota:
    """The quota table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, name: str, per_second: float, now: int, latest: int | None = None) -> int:
        """See `Quota`. A reservation whose answer is lost stays taken, and another is made.

        Raises:
            DatabaseUnavailable: in several attempts.
        """
        last = _NEVER_MS if latest is None else latest
        if last < now:
            raise QuotaFull(name, now)

        def take(session: Session, _: bool) -> tuple[int, _Limit] | None:
            width = slot_width_us(per_second, full_at, now)
            taken = session.execute(
                "UPDATE quota SET next_us = CASE WHEN next_us > ? THEN next_us ELSE ? END + ?"
                " WHERE name = ? AND next_us <= ? AND full_at <= ?",
                now * 1000,
                now * 1000,
                width,
                name,
                last * 1000,
                max(full_at, now),
            )
            rows = session.query("SELECT next_us, full_at FROM quota WHERE name = ?", name)
            return (taken * width, _Limit(*map(int, rows[0]))) if rows else None

        full_at = 0
        for _ in range(_TRIES):
            seen = self._database.transaction(take)
            if seen is None:
                self._add_row(name)
                continue
            width, limit = seen
            if width:
                return slot_ms(limit.next_us - width)
            if limit.next_us > last * 1000:
                raise QuotaFull(name, slot_ms(limit.next_us))
            full_at = limit.full_at
        raise RuntimeError(f"no slot of {name} could be reserved")

    def slow_down(self, name: str, now: int) -> None:
        """See `Quota`. Where there is no row, nothing was reserved and nothing is slowed down.

        Raises:
            DatabaseUnavailable: in several attempts.
        """

        def change(session: Session, _: bool) -> None:
            slowed = session.execute(
                "UPDATE quota SET slowed_at = ? WHERE name = ? AND slowed_at <= ?",
                now,
                name,
                now - SLOWDOWN_INTERVAL_MS,
            )
            if slowed:
                full_at = session.query("SELECT full_at FROM quota WHERE name = ?", name)[0][0]
                slower = slow_down(int(full_at), now)
                session.execute("UPDATE quota SET full_at = ? WHERE name = ?", slower, name)

        self._database.transaction(change)

    def _add_row(self, name: str) -> None:
        # In a statement of its own: within the transactions, two concurrent inserts would deadlock.
        try:
            self._database.execute("INSERT INTO quota (name, next_at) VALUES (?, 0)", name)
        except DuplicateKey:
            return  # added by another function
