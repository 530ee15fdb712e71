"""What an operator does to a verification."""

from __future__ import annotations

from liveproof.domain.lifecycle import released
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification
from liveproof.ports import Clock, Records
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.loading import load


def release(records: Records, clock: Clock, verification_id: str) -> Verification:
    """Allow one more paid call; the next sweep requests the step that makes it.

    Raises:
        CannotBeDone: there is nothing to release.
        Conflict: the verification changed at this moment.
    """
    verification = load(records, verification_id)
    if verification.status is not Status.HELD:
        raise CannotBeDone(f"{verification_id} is not held")
    return records.save(released(verification, clock.now()))
