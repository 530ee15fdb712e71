"""Sending a decision's webhook again: same `webhook-id`, fresh timestamp and signature."""

from __future__ import annotations

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.lifecycle import delivery_restarted
from liveproof.domain.states import Status, Step
from liveproof.domain.verification import Verification
from liveproof.observability import Event
from liveproof.ports import Conflict
from liveproof.use_cases.errors import InvalidState
from liveproof.use_cases.find_verification import find_verification
from liveproof.use_cases.request_step import request_step


def resend_result(
    dependencies: Dependencies, client_name: str, verification_id: str
) -> Verification:
    """Start a new delivery with a full schedule of attempts.

    Raises:
        NotFound: no such verification of this client.
        InvalidState: there is no decision yet, or an attempt is being made.
    """
    verification = find_verification(dependencies, client_name, verification_id)
    if verification.status is not Status.DECIDED:
        raise InvalidState(f"there is no decision yet: it is {verification.status.value}")
    now = dependencies.clock.now()
    try:
        saved = dependencies.records.save(delivery_restarted(verification, now))
    except Conflict:
        raise InvalidState("an attempt is being made; ask again") from None
    observability.record(Event.DELIVERY_RESTARTED, verification=verification_id)
    request_step(dependencies, Step.DELIVER_RESULT, saved)
    return saved
