"""Loading the verification of a step's message, which may come a moment before the step is due."""

from __future__ import annotations

from collections.abc import Collection

from liveproof.dependencies import Dependencies
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification

CLOCKS_DIFFER_MS = 2_000
"""Clocks of functions differ by less. A step that is due later has been leased or put off: whoever
did that has sent a message of its own."""


def load_due(
    dependencies: Dependencies, verification_id: str, states: Collection[Status]
) -> Verification | None:
    """The verification as it is stored; None if there is none.

    In one of these states it may be due by the clock of the function that saved it, and not yet by
    this one's. Nobody sends the message again, so this function waits instead of leaving the step,
    and somebody with a phone in the hand, to the sweep.
    """
    verification = dependencies.records.load(verification_id)
    if verification is None or verification.status not in states or verification.due_at is None:
        return verification
    if not 0 < verification.due_at - dependencies.clock.now() < CLOCKS_DIFFER_MS:
        return verification
    dependencies.clock.sleep_until(verification.due_at)
    return dependencies.records.load(verification_id)
