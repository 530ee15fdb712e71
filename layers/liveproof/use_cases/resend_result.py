"""Sending decisions' webhooks again: same `webhook-id`, fresh timestamp and signature."""

from __future__ import annotations

from dataclasses import dataclass

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.audit import CLIENT
from liveproof.domain.delivery_transitions import delivery_restarted
from liveproof.domain.filter import Filter
from liveproof.domain.states import Status, Step
from liveproof.domain.verification import Verification
from liveproof.observability import Event
from liveproof.ports import Conflict
from liveproof.use_cases.client_pace import take_turn
from liveproof.use_cases.errors import InvalidRequest, InvalidState
from liveproof.use_cases.find_verification import find_verification, list_verifications
from liveproof.use_cases.request_step import request_step

PART = 25
PAUSE_MS = 5_000
"""A client's webhooks are sent again in parts of so many, so long apart: five a second."""

_PARTS_PER_SECOND = 0.281
"""What the quota takes for one part in `PAUSE_MS`: its slots are two fifths further apart for a
request that leaves at once (`domain/pace.py`)."""

DRY_PART = 1_000


def resend_result(
    dependencies: Dependencies, client_name: str, verification_id: str
) -> Verification:
    """Start a new delivery with a full schedule of attempts.

    Raises:
        NotFound: no such verification of this client.
        InvalidState: there is no decision yet, or it is erased, or an attempt is being made.
    """
    verification = find_verification(dependencies, client_name, verification_id)
    if verification.erasure is not None:
        raise InvalidState("the verification is erased: there is nothing to send again")
    if verification.status is not Status.DECIDED:
        raise InvalidState(f"there is no decision yet: it is {verification.status.value}")
    try:
        return _restart(dependencies, verification)
    except Conflict:
        raise InvalidState("an attempt is being made; ask again") from None


@dataclass(frozen=True)
class Part:
    """What a part of a range led to.

    Attributes:
        sent: ids of the verifications whose delivery began again, or would.
        skipped: ids of those that changed at this moment.
        cursor: continues the range; None at its end.
        continue_at: when the next part may be asked for (ms since 1970); None if there is none, or
            at once.
    """

    sent: list[str]
    skipped: list[str]
    cursor: str | None = None
    continue_at: int | None = None


def resend_part(
    dependencies: Dependencies,
    client_name: str,
    criteria: Filter,
    cursor: str | None,
    *,
    dry_run: bool,
) -> Part:
    """Send a part of the client's webhooks again, the newest verifications first.

    Args:
        criteria: names a state of the delivery, so that only decided ones are meant.
        cursor: of the part before.
        dry_run: change nothing.

    Raises:
        InvalidRequest: the cursor is none of this function, or the time ends before it begins.
        TooSoon: a part of the client's, of this range or of another, was sent less than `PAUSE_MS`
            ago.
    """
    if criteria.until is not None and criteria.until <= (criteria.since or 0):
        raise InvalidRequest("is not after since", "until")
    limit = DRY_PART if dry_run else PART
    page = list_verifications(dependencies, client_name, criteria, limit, cursor)
    if page.verifications and not dry_run:
        # All ranges of a client share the pace.
        detail = f"a part of {PART} webhooks is sent each {PAUSE_MS // 1000} s"
        take_turn(dependencies, "resend", client_name, _PARTS_PER_SECOND, detail)
    sent, skipped = [], []
    for verification in page.verifications:
        try:
            if not dry_run:
                _restart(dependencies, verification)
            sent.append(verification.id)
        except Conflict:
            skipped.append(verification.id)
    if page.cursor is None:
        return Part(sent, skipped)
    if dry_run or not page.verifications:
        return Part(sent, skipped, page.cursor)
    return Part(sent, skipped, page.cursor, dependencies.clock.now() + PAUSE_MS)


def _restart(dependencies: Dependencies, verification: Verification) -> Verification:
    """A new delivery, at once. Raises Conflict."""
    now = dependencies.clock.now()
    saved = dependencies.records.save(delivery_restarted(verification, now, CLIENT))
    observability.record(Event.DELIVERY_RESTARTED, verification=verification.id)
    request_step(dependencies, Step.DELIVER_RESULT, saved)
    return saved
