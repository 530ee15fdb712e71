"""The statements of the admission table. `admission.py` says what its rows mean."""

from __future__ import annotations

from typing import NamedTuple

from liveproof.clouds.tencent.sql.errors import DuplicateKey
from liveproof.clouds.tencent.sql.session import Session, name_text
from liveproof.domain.verification import Verification


class Row(NamedTuple):
    """A verification that has a permit, or waits for one. Times are ms since 1970."""

    id: str
    client: str
    turn: int
    permit: int | None
    lease_until: int
    is_running: bool

    def is_live(self, now: int) -> bool:
        """Whether the row's lease still runs."""
        return self.lease_until > now


class Seen(NamedTuple):
    """What a check's rows say.

    Attributes:
        holders: the rows with a permit.
        head: of the queue.
        last_turn: of the client that was asked about; None if it has no row.
    """

    holders: list[Row]
    head: Row | None
    last_turn: int | None


def look(session: Session, check: str, client: str) -> Seen:
    """The check's permits, its queue's head, and the last turn of a client, by one statement."""
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
        row = Row(
            verification_id, name_text(owner), int(turn), permit, int(lease_until), bool(is_running)
        )
        if permit is None:
            head = row
        else:
            holders.append(row)
    return Seen(holders, head, last_turn)


def next_turn(seen: Seen) -> int:
    """The turn of the client's next verification."""
    if seen.head is not None:
        served = seen.head.turn
    else:
        served = max((row.turn for row in seen.holders), default=0)
    return served if seen.last_turn is None else max(served, seen.last_turn + 1)


def insert(
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
    changed_rows = session.execute(
        "UPDATE admission SET permit = ?, lease_until = ?, is_running = ?"
        " WHERE verification = ? AND permit IS NULL",
        permit,
        until,
        int(is_running),
        verification_id,
    )
    return changed_rows == 1


def take(session: Session, verification_id: str, permit: int, until: int) -> bool:
    """Whether the head of the queue, which enters, was still waiting and the permit was free."""
    try:
        return _give(session, verification_id, permit, until, is_running=True)
    except DuplicateKey:
        return False


def give_one_of(session: Session, verification_id: str, free: list[int], until: int) -> bool:
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


def renew(session: Session, own: Row, until: int) -> bool | None:
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


def delete(session: Session, row: Row) -> None:
    """Delete a row whose lease has ended, unless another function has renewed it."""
    session.execute(
        "DELETE FROM admission WHERE verification = ? AND lease_until = ? AND is_running = ?",
        row.id,
        row.lease_until,
        int(row.is_running),
    )
