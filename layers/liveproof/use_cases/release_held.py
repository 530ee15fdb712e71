"""For operators: list the verifications that are held, and release one for another paid call."""

from __future__ import annotations

from collections.abc import Iterator

from liveproof.domain.lifecycle import released
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification
from liveproof.ports import Clock, Records, RecordUnreadable

_END_OF_TIME = 2**53
_LIMIT = 1_000_000


class NotHeld(Exception):
    """The verification does not exist or is not held."""


def held_verifications(records: Records) -> Iterator[Verification]:
    """Every held verification, by the end of its hold, the earliest first.

    Raises:
        RecordUnreadable: at the end, if one of them cannot be read.
    """
    unreadable: list[RecordUnreadable] = []
    for due in records.due(_END_OF_TIME, _LIMIT):
        if due.status is not Status.HELD:
            continue
        try:
            verification = records.load(due.id)
        except RecordUnreadable as error:
            unreadable.append(error)
            continue
        if verification is not None and verification.status is Status.HELD:
            yield verification
    if unreadable:
        raise unreadable[0]


def release(records: Records, clock: Clock, verification_id: str) -> Verification:
    """Allow one more paid call; the next sweep requests the step that makes it.

    Raises:
        NotHeld: there is nothing to release.
        Conflict: the verification changed at this moment.
    """
    verification = records.load(verification_id)
    if verification is None or verification.status is not Status.HELD:
        raise NotHeld(f"{verification_id} is not held")
    return records.save(released(verification, clock.now()))
