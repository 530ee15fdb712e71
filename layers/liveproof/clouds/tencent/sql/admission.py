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
from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.errors import Contention, DuplicateKey
from liveproof.clouds.tencent.sql.records import look_again, look_later
from liveproof.clouds.tencent.sql.session import Session
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


class _Row(NamedTuple):
    id: str
    client: str
    turn: int
    permit: int | None
    lease_until: int
    is_running: bool

    def is_live(self, now: int) -> bool:
        return self.lease_until > now


class _Seen(NamedTuple):
    """What a check's rows say.

    Attributes:
        holders: the rows with a permit.
        head: of the queue.
        last_turn: of the client that was asked about; None if it has no row.
    """

    holders: list[_Row]
    head: _Row | None
    last_turn: int | None


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

    def call_next(self, check: str, now: int) -> tuple[Waiting, ...]:
        called: list[Waiting] = []  # outlives an attempt that ended with contention

        def call(session: Session, _in_doubt: bool) -> None:
            seen = _look(session, check, "")
            free = self._free(session, check, seen.holders, now)
            if seen.head is None or not free:
                return
            rows = session.query(
                "SELECT verification, client FROM admission"
                " WHERE check_name = ? AND permit IS NULL ORDER BY turn, verification LIMIT ?",
                check,
                len(free),
            )
            for verification_id, client in rows:
                if not free:
                    return
                look_again(session, verification_id, now)
                if _give_one_of(session, verification_id, free, now + CALL_MS):
                    called.append(Waiting(verification_id, check, _text(client)))

        self._database.run(call)
        return tuple(called)

    def _try(
        self, session: Session, verification: Verification, now: int, until: int
    ) -> bool | None:
        """Whether it is admitted; None if another function came first."""
        check = verification.check
        seen = _look(session, check, verification.client)
        own = next((row for row in seen.holders if row.id == verification.id), None)
        if own is not None:
            if own.is_running and own.is_live(now):
                # By an earlier attempt of this write, or another function works on it.
                return own.lease_until == until
            return _renew(session, own, until)
        is_head = seen.head is not None and seen.head.id == verification.id
        if is_head or seen.head is None:
            for permit in self._free(session, check, seen.holders, now):
                if is_head:
                    taken = _take(session, verification.id, permit, until)
                else:
                    turn = _next_turn(seen)
                    taken = _insert(session, verification, turn, permit, until)
                return True if taken else None
        if is_head or session.query(
            "SELECT turn FROM admission WHERE verification = ?", verification.id
        ):
            self._look_later(session, verification, now)
            return False
        _insert(session, verification, _next_turn(seen), None, 0)
        return None  # a permit may have become free just before

    def _free(self, session: Session, check: str, holders: list[_Row], now: int) -> list[int]:
        """The free permits, those of ended leases included, in any order."""
        live = set()
        for row in holders:
            if row.is_live(now):
                live.add(row.permit)
            else:
                _delete(session, row)
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


def _look(session: Session, check: str, client: str) -> _Seen:
    rows = session.query(
        "SELECT verification, client, turn, permit, lease_until, is_running FROM admission"
        " WHERE check_name = ? AND permit >= 0"
        " UNION ALL SELECT * FROM (SELECT verification, client, turn, permit, lease_until,"
        " is_running FROM admission WHERE check_name = ? AND permit IS NULL"
        " ORDER BY turn, verification LIMIT 1) AS head"
        " UNION ALL SELECT NULL, NULL, MAX(turn), NULL, 0, 0 FROM admission"
        " WHERE check_name = ? AND client = ?",
        check,
        check,
        check,
        client,
    )
    holders, head, last_turn = [], None, None
    for verification_id, owner, turn, permit, lease_until, is_running in rows:
        if verification_id is None:
            last_turn = None if turn is None else int(turn)
            continue
        row = _Row(
            verification_id, _text(owner), int(turn), permit, int(lease_until), bool(is_running)
        )
        if permit is None:
            head = row
        else:
            holders.append(row)
    return _Seen(holders, head, last_turn)


def _next_turn(seen: _Seen) -> int:
    """The turn of the client's next verification."""
    if seen.head is not None:
        served = seen.head.turn
    else:
        served = max((row.turn for row in seen.holders), default=0)
    return served if seen.last_turn is None else max(served, seen.last_turn + 1)


def _insert(
    session: Session, verification: Verification, turn: int, permit: int | None, until: int
) -> bool:
    """Whether neither the permit nor the client's turn was taken, and it was not there."""
    try:
        session.execute(
            "INSERT INTO admission"
            " (verification, check_name, client, turn, permit, lease_until, is_running)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            verification.id,
            verification.check,
            verification.client,
            turn,
            permit,
            until,
            0 if permit is None else 1,
        )
    except DuplicateKey:
        return False
    return True


def _give(
    session: Session, verification_id: str, permit: int, until: int, *, is_running: bool
) -> bool:
    """Whether the verification was still waiting. Raises DuplicateKey: the permit is taken."""
    given = session.execute(
        "UPDATE admission SET permit = ?, lease_until = ?, is_running = ?"
        " WHERE verification = ? AND permit IS NULL",
        permit,
        until,
        int(is_running),
        verification_id,
    )
    return given == 1


def _take(session: Session, verification_id: str, permit: int, until: int) -> bool:
    """Whether the head of the queue, which enters, was still waiting and the permit was free."""
    try:
        return _give(session, verification_id, permit, until, is_running=True)
    except DuplicateKey:
        return False


def _give_one_of(session: Session, verification_id: str, free: list[int], until: int) -> bool:
    """Give a verification that is called a permit; False if it no longer waits, or none is free.

    Other functions call the same verifications at the same time. A permit that one of them took is
    removed from `free`, and the next is tried: this verification comes before the others of the
    queue. If it no longer waits, the permit stays in `free` for the next verification.
    """
    while free:
        try:
            is_given = _give(session, verification_id, free[-1], until, is_running=False)
        except DuplicateKey:
            free.pop()
            continue
        if is_given:
            free.pop()
        return is_given
    return False


def _renew(session: Session, own: _Row, until: int) -> bool | None:
    """Enter with a permit that it has: it was called, or its last function died with it."""
    renewed = session.execute(
        "UPDATE admission SET lease_until = ?, is_running = 1"
        " WHERE verification = ? AND permit = ? AND lease_until = ? AND is_running = ?",
        until,
        own.id,
        own.permit,
        own.lease_until,
        int(own.is_running),
    )
    return True if renewed == 1 else None


def _delete(session: Session, row: _Row) -> None:
    session.execute(
        "DELETE FROM admission WHERE verification = ? AND lease_until = ? AND is_running = ?",
        row.id,
        row.lease_until,
        int(row.is_running),
    )


def _text(client: str | bytes) -> str:
    """MySQL keeps a client's name as bytes."""
    return client.decode() if isinstance(client, bytes) else client
