"""The Admission port in SQL: one row for every verification that has a permit or waits for one.

A check has a number of permits, 0 to N-1. A row whose `permit` is a number has that permit until
`lease_until`; a unique index gives each permit to one row. With NULL the row waits. `is_running` is
0 until the verification that was called has entered. A row whose lease has ended is deleted: its
function is dead, or its call was lost, and the sweep brings the verification back. So one that
kills its function each time does not stand at the head of the queue.

The queue is sorted by `turn` (start-time fair queueing): the verifications of one client have
different turns, each at least one later than the one before; the first begins at the turn that is
served now. So a client that has a thousand waiting and one that has five take turns.

Every statement commits by itself and changes one row, found by a key: no two can wait for each
other. Whoever joins looks for a free permit afterwards, and whoever frees a permit looks into the
queue afterwards, so one of them sees the other.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import NamedTuple

from liveproof.admission import Waiting
from liveproof.clouds.tencent.sql import admission_rows as rows
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.errors import Contention
from liveproof.clouds.tencent.sql.records import look_again, look_later
from liveproof.clouds.tencent.sql.session import Session, name_text
from liveproof.domain.verification import Verification

CALL_MS = 15_000
"""A permit is kept so long for a verification that was called: time for SCF to start its function.
Shorter than the sweep's period, so that no permit is unused for longer than that."""

SLACK_MS = 60_000
"""A verification that waits is looked at by the sweep this long after twice the time that its turn
should take. Only one that lost its call waits so long, or one that was overtaken by many others."""

_MOST_COUNTED = 10_000
"""More are not counted for an estimate."""

_TRIES = 20


class Limit(NamedTuple):
    """A check's number of permits, and its calls per second."""

    permits: int
    per_second: float


class SqlAdmission:
    """The admission table. Every method raises DatabaseUnavailable.

    Args:
        limits: by check.
    """

    def __init__(self, database: Database, limits: Mapping[str, Limit]) -> None:
        self._database = database
        self._limits = limits

    def enter(self, verification: Verification, now: int, until: int) -> bool:
        def enter(session: Session, _in_doubt: bool) -> bool:
            for _ in range(_TRIES):
                is_admitted = self._try(session, verification, now, until)
                if is_admitted is not None:
                    return is_admitted
            raise Contention(f"too many enter {verification.check} at once")

        return self._database.run(enter)

    def leave(self, verification: Verification, until: int) -> None:
        self._database.execute(
            "DELETE FROM admission WHERE verification = ? AND lease_until = ? AND is_running = 1",
            verification.id,
            until,
        )

    def withdraw(self, verification: Verification) -> bool:
        gone = self._database.execute(
            "DELETE FROM admission WHERE verification = ? AND is_running = 0", verification.id
        )
        return gone > 0

    def call_next(self, check: str, now: int) -> tuple[Waiting, ...]:
        called: list[Waiting] = []  # outlives an attempt that ended with contention

        def call(session: Session, _in_doubt: bool) -> None:
            seen = rows.look(session, check, "")
            free = self._free(session, check, seen.holders, now)
            if seen.head is None or not free:
                return
            queue = session.query(
                "SELECT verification, client FROM admission"
                " WHERE check_name = ? AND permit IS NULL ORDER BY turn, verification LIMIT ?",
                check,
                len(free),
            )
            for verification_id, client in queue:
                if not free:
                    return
                look_again(session, verification_id, now)
                if rows.give_one_of(session, verification_id, free, now + CALL_MS):
                    called.append(Waiting(verification_id, check, name_text(client)))

        self._database.run(call)
        return tuple(called)

    def _try(
        self, session: Session, verification: Verification, now: int, until: int
    ) -> bool | None:
        """Whether it is admitted; None if another function came first."""
        check = verification.check
        seen = rows.look(session, check, verification.client)
        own = next((row for row in seen.holders if row.id == verification.id), None)
        if own is not None:
            if own.is_running and own.is_live(now):
                # By an earlier attempt of this write, or another function works on it.
                return own.lease_until == until
            return rows.renew(session, own, until)
        is_head = seen.head is not None and seen.head.id == verification.id
        if is_head or seen.head is None:
            for permit in self._free(session, check, seen.holders, now):
                if is_head:
                    taken = rows.take(session, verification.id, permit, until)
                else:
                    turn = rows.next_turn(seen)
                    taken = rows.insert(session, verification, turn, permit, until)
                return True if taken else None
        if is_head or session.query(
            "SELECT turn FROM admission WHERE verification = ?", verification.id
        ):
            self._look_later(session, verification, now)
            return False
        rows.insert(session, verification, rows.next_turn(seen), None, 0)
        return None  # a permit may have become free just before

    def _free(self, session: Session, check: str, holders: list[rows.Row], now: int) -> list[int]:
        """The free permits, those of ended leases included, in any order."""
        live = set()
        for row in holders:
            if row.is_live(now):
                live.add(row.permit)
            else:
                rows.delete(session, row)
        free = [permit for permit in range(self._limits[check].permits) if permit not in live]
        random.shuffle(free)  # functions that come at once try different ones
        return free

    def _look_later(self, session: Session, verification: Verification, now: int) -> None:
        ((ahead,),) = session.query(
            "SELECT COUNT(*) FROM (SELECT 1 FROM admission WHERE check_name = ? AND permit IS NULL"
            " AND turn <= (SELECT turn FROM admission WHERE verification = ?) LIMIT ?) AS ahead",
            verification.check,
            verification.id,
            _MOST_COUNTED,
        )
        turn_ms = round(1000 * int(ahead) / self._limits[verification.check].per_second)
        look_later(session, verification, now + 2 * turn_ms + SLACK_MS)
