"""The Quota port in SQL: one row per limit, whose `next_us` is the first free slot.

A reservation is one conditional update that moves `next_us` on by a slot's width and gives the slot
back (`Session.update_returning`), so concurrent callers get different slots. The first update
assumes the full pace and a vendor that is up. Where that is not so (`domain/pace.py`,
`domain/breaker.py`), the row is read, and a second update is right. The column `last_us` has the
slot that was taken last.

Older versions kept `next_at` in milliseconds. It is not read: nobody waits for its slots any more.
"""

from __future__ import annotations

from typing import NamedTuple

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.errors import DuplicateKey
from liveproof.clouds.tencent.sql.session import Session
from liveproof.domain.breaker import PROBE_MS, Breaker, after_failure
from liveproof.domain.pace import (
    PREPARED_MS,
    SLOWDOWN_INTERVAL_MS,
    slot_ms,
    slot_width_us,
    slow_down,
)
from liveproof.quota import QuotaFull, VendorDown

_TRIES = 20
_NEVER_MS = 2**53


class _Limit(NamedTuple):
    """What a reservation that was refused reads of the row."""

    next_us: int
    full_at: int
    open_until: int


class SqlQuota:
    """The quota table.

    A change whose answer was lost is made again: a slot more is taken, a failure counted twice.
    Every method raises DatabaseUnavailable, after several attempts.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        # Until when this function's own probe lasts, by name.
        self._probes: dict[str, int] = {}

    def reserve(self, name: str, per_second: float, now: int, latest: int | None = None) -> int:
        last = _NEVER_MS if latest is None else latest
        if last < now:
            raise QuotaFull(name, now)

        full_at = 0
        for _ in range(_TRIES):
            slot_us = self._take(name, per_second, now, last, full_at)
            if slot_us is not None:
                return slot_ms(slot_us)
            limit = self._load(name)
            if limit is None:
                self._add_row(name)
                continue
            if limit.open_until not in (0, self._probes.get(name)) and not self.probe(name, now):
                raise VendorDown(name)
            if limit.next_us > last * 1000:
                raise QuotaFull(name, slot_ms(limit.next_us))
            full_at = limit.full_at
        raise RuntimeError(f"no slot of {name} could be reserved")

    def _take(self, name: str, per_second: float, now: int, last: int, full_at: int) -> int | None:
        """The first free slot (microseconds); None if the row is not as it is assumed to be."""

        def take(session: Session, _: bool) -> int | None:
            # MySQL sees what was set before it: `next_us` comes last.
            return session.update_returning(
                "UPDATE quota SET taken = taken + 1,"
                " last_us = LAST_INSERT_ID(CASE WHEN next_us > ? THEN next_us ELSE ? END),"
                " next_us = CASE WHEN next_us >= ? THEN next_us + ? WHEN next_us > ?"
                " THEN next_us + ? ELSE ? END"
                " WHERE name = ? AND next_us <= ? AND full_at <= ? AND open_until IN (0, ?)",
                now * 1000,
                now * 1000,
                (now + PREPARED_MS) * 1000,
                slot_width_us(per_second, full_at, now, PREPARED_MS),
                now * 1000,
                slot_width_us(per_second, full_at, now, 0),
                now * 1000 + slot_width_us(per_second, full_at, now, 0),
                name,
                last * 1000,
                max(full_at, now),
                self._probes.get(name, 0),
            )

        return self._database.run(take)

    def _load(self, name: str) -> _Limit | None:
        rows = self._database.query(
            "SELECT next_us, full_at, open_until FROM quota WHERE name = ?", name
        )
        return _Limit(*map(int, rows[0])) if rows else None

    def slow_down(self, name: str, now: int) -> None:
        """See `Quota`. Where there is no row, nothing was reserved and nothing is slowed down."""

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

    def probe(self, name: str, now: int) -> bool:
        lasts_until = now + PROBE_MS
        if self._database.execute(
            "UPDATE quota SET open_until = ? WHERE name = ? AND open_until > 0 AND open_until <= ?",
            lasts_until,
            name,
            now,
        ):
            self._probes[name] = lasts_until
            return True
        rows = self._database.query("SELECT open_until FROM quota WHERE name = ?", name)
        return not rows or int(rows[0][0]) in (0, self._probes.get(name))

    def record_failure(self, name: str, now: int) -> bool:
        probe = self._probes.pop(name, None)

        def change(session: Session, _: bool) -> bool:
            # The first statement locks the row.
            if not session.execute("UPDATE quota SET failures = failures + 1 WHERE name = ?", name):
                return False
            rows = session.query(
                "SELECT taken, failures, window_at, window_taken, open_until FROM quota"
                " WHERE name = ?",
                name,
            )
            before = Breaker(*map(int, rows[0]))
            after = after_failure(before, now, is_probe=probe == before.open_until)
            session.execute(
                "UPDATE quota SET failures = ?, window_at = ?, window_taken = ?, open_until = ?"
                " WHERE name = ?",
                after.failures,
                after.window_at,
                after.window_taken,
                after.open_until,
                name,
            )
            return before.open_until == 0 and after.open_until > 0

        return self._database.transaction(change)

    def record_success(self, name: str) -> bool:
        probe = self._probes.pop(name, None)
        if probe is None:
            return False
        closed = self._database.execute(
            "UPDATE quota SET open_until = 0, window_at = 0 WHERE name = ? AND open_until = ?",
            name,
            probe,
        )
        return closed > 0

    def give_back_probe(self, name: str, now: int) -> bool:
        probe = self._probes.pop(name, None)
        if probe is None:
            return False
        given_back = self._database.execute(
            "UPDATE quota SET open_until = ? WHERE name = ? AND open_until = ?", now, name, probe
        )
        return given_back > 0

    def _add_row(self, name: str) -> None:
        # In a statement of its own: within the transactions, two concurrent inserts would deadlock.
        try:
            self._database.execute("INSERT INTO quota (name, next_at) VALUES (?, 0)", name)
        except DuplicateKey:
            return  # added by another function
