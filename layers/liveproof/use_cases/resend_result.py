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
from liveproof.use_cases.errors import InvalidRequest, InvalidState, TooSoon
from liveproof.use_cases.find_verification import find_verification, list_verifications
from liveproof.use_cases.request_step import request_step

PART = 25
PAUSE_MS = 5_000
"""A range is sent again in parts of so many, so long apart: five webhooks a second."""

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
    wanted: Filter,
    cursor: str | None,
    *,
    dry_run: bool,
) -> Part:
    """Send a part of the client's webhooks again, the newest verifications first.

    Args:
        wanted: names a state of the delivery, so that only decided ones are meant.
        cursor: of the part before. It holds the time before which no part follows, so the pace
            needs no record.
        dry_run: change nothing.

    Raises:
        InvalidRequest: the cursor is none of this function.
        TooSoon: the part before was less than `PAUSE_MS` ago.
    """
    now = dependencies.clock.now()
    after = None
    if cursor is not None:
        after, continue_at = _parse(cursor, now)
        if not dry_run and now < continue_at:
            seconds = -(-(continue_at - now) // 1000)
            raise TooSoon(f"the next part is sent in {seconds} s", retry_after=seconds)
    limit = DRY_PART if dry_run else PART
    page = list_verifications(dependencies, client_name, wanted, limit, after)
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
    if dry_run or not sent:
        return Part(sent, skipped, f"{page.cursor}.0")
    return Part(sent, skipped, f"{page.cursor}.{now + PAUSE_MS}", now + PAUSE_MS)


def _parse(cursor: str, now: int) -> tuple[str, int]:
    """The id after which the list goes on, and the time. Raises InvalidRequest."""
    after, _, at = cursor.partition(".")
    if not (at.isascii() and at.isdigit()) or int(at) > now + PAUSE_MS:
        raise InvalidRequest("is not a cursor that this API gave", "cursor")
    return after, int(at)


def _restart(dependencies: Dependencies, verification: Verification) -> Verification:
    """A new delivery, at once. Raises Conflict."""
    now = dependencies.clock.now()
    saved = dependencies.records.save(delivery_restarted(verification, now, CLIENT))
    observability.record(Event.DELIVERY_RESTARTED, verification=verification.id)
    request_step(dependencies, Step.DELIVER_RESULT, saved)
    return saved
