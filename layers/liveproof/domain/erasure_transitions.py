"""How a verification is erased: each function takes one and returns the next.

The personal fields go with the request, in one write. The bucket is emptied afterwards, by the step
`erase`, and once more when nothing can come any more. As in `lifecycle.py`, saving is what makes a
change happen.
"""

from __future__ import annotations

from msgspec.structs import replace

from liveproof.domain.audit import What, audited
from liveproof.domain.erasure import Erasure, due_with_look
from liveproof.domain.ledger import Call, CallOutcome, CallState
from liveproof.domain.limits import rejected_digest
from liveproof.domain.states import ForbiddenTransition, Status, Step, require_successor
from liveproof.domain.verification import Delivery, DeliveryState, Verification

URL_LIFETIME_MS = 15 * 60 * 1000
"""An upload's URL lives for so long, or until the verification expires if that is sooner."""

LATE_UPLOAD_MS = 10 * 60 * 1000
"""A URL must be valid when an upload begins, so one may end after the URL. An upload that takes
longer than this is found by its event, or deleted by the bucket's own rules."""


def erasure_requested(verification: Verification, now: int, by: str) -> Verification:
    """The verification without a personal field. Its files are deleted from `due_at` on.

    Of a paid call that is under way the ledger still gets the outcome, so `due_at` is the end of
    the lease of the function that calls. Any other change that is being made is refused by the
    store: this one came first.

    What stays: id, client, check, region, times, decision with its reason, the ledger without
    scores, and the audit chain, which has nothing of a person.

    Args:
        by: who asked for it, `audit.CLIENT` or `audit.OPERATOR`.

    Raises:
        ForbiddenTransition: somebody asked for the erasure before.
    """
    require_successor(verification.status, Status.ERASING)
    verification = audited(verification, What.ERASURE_REQUESTED, now, by)
    verdict = verification.verdict
    due_at = now
    if _may_store_files(verification) and verification.due_at is not None:
        due_at = max(now, verification.due_at)
    return replace(
        verification,
        status=Status.ERASING,
        due_at=due_at,
        inputs={},
        challenge=None,
        reference=None,
        metadata={},
        consent=None,
        calls=tuple(replace(call, score=None) for call in verification.calls),
        verdict=None if verdict is None else replace(verdict, scores={}),
        delivery=None,
        evidence=None,
        manifest=None,
        waiting_for=None,
        erasure=Erasure(requested_at=now, digest=rejected_digest(verification)),
    )


def _may_store_files(verification: Verification) -> bool:
    """Whether a function may be in the middle of a paid call, or of keeping its best frames."""
    last = verification.last_call
    if verification.status is not Status.CHECKING or last is None:
        return False
    return last.state is CallState.CALLED or last.outcome is CallOutcome.ANSWERED


def call_settled_while_erasing(verification: Verification, call: Call, now: int) -> Verification:
    """The outcome of a call that was under way when the erasure was requested.

    Args:
        call: as it is settled.

    Raises:
        ForbiddenTransition: the ledger does not wait for this call's outcome.
    """
    last = verification.last_call
    if (
        verification.status is not Status.ERASING
        or last is None
        or last.state is not CallState.CALLED
        or last.number != call.number
    ):
        raise ForbiddenTransition(verification.status, Status.ERASING)
    calls = (*verification.calls[:-1], replace(call, score=None))
    verification = _settlement_audited(verification, call, now, Step.RUN_CHECK)
    return replace(verification, calls=calls, due_at=now)


def _settlement_audited(verification: Verification, call: Call, now: int, by: Step) -> Verification:
    return audited(
        verification,
        What.CALL_SETTLED,
        now,
        by.value,
        call=call.number,
        outcome=None if call.outcome is None else call.outcome.value,
        code=call.code,
        request_id=call.request_id,
        billable=call.billable,
    )


def files_deleted(verification: Verification, now: int, objects: int) -> Verification:
    """The bucket has nothing more of the verification.

    The first time the webhook that says so becomes due, and a call whose outcome nobody recorded is
    settled as unknown. Until `last_look_at` the bucket is looked at again, and the digest of
    rejected files is kept: the function that took the decision may remember them after the first
    look.

    Args:
        objects: how many objects and versions were deleted now.

    Raises:
        ForbiddenTransition: nobody asked for the erasure.
    """
    require_successor(verification.status, Status.ERASED)
    erasure = _erasure_of(verification)
    last_look = last_look_at(verification)
    look_at = last_look if last_look > now else None
    verification = _interrupted_call_settled(verification, now)
    if objects or erasure.erased_at is None:
        verification = audited(
            verification, What.FILES_DELETED, now, Step.ERASE.value, objects=objects
        )
    after = replace(
        verification,
        status=Status.ERASED,
        delivery=verification.delivery or Delivery(),
        erasure=replace(
            erasure,
            erased_at=erasure.erased_at or now,
            look_at=look_at,
            objects=erasure.objects + objects,
            digest=None if look_at is None else erasure.digest,
        ),
    )
    return replace(after, due_at=_next_due(after, now))


def late_upload_noticed(verification: Verification, now: int) -> Verification:
    """A file came although the verification is being erased, or is: the step is due at once.

    Raises:
        ForbiddenTransition: nobody asked for the erasure.
    """
    erasure = replace(_erasure_of(verification), look_at=now)
    due_at = verification.due_at
    if verification.status is Status.ERASED:
        due_at = now
    return replace(verification, erasure=erasure, due_at=due_at)


def last_look_at(verification: Verification) -> int:
    """After this time (ms) no upload can arrive under a URL that was issued before the erasure."""
    requested_at = _erasure_of(verification).requested_at
    urls_end = min(verification.expires_at, requested_at + URL_LIFETIME_MS)
    return max(urls_end, requested_at) + LATE_UPLOAD_MS


def is_look_due(verification: Verification, now: int) -> bool:
    """Whether the bucket has to be looked at: for the first time, or again."""
    erasure = _erasure_of(verification)
    return erasure.erased_at is None or (erasure.look_at is not None and erasure.look_at <= now)


def is_webhook_due(verification: Verification, now: int) -> bool:
    """Whether the step of an erased verification, which is due, is due for its webhook.

    It is not where it is due for a look at the bucket alone. What waits for its turn at the
    endpoint waits for the look as well: its turn is not kept beside the time of the look.
    """
    delivery = verification.delivery
    if delivery is None or delivery.state is not DeliveryState.PENDING:
        return False
    if not is_look_due(verification, now):
        return True
    return not delivery.waits and _next_attempt_at(delivery, now) <= now


def _next_attempt_at(delivery: Delivery, now: int) -> int:
    last = delivery.last_attempt
    return max(now, (last and last.next_at) or now)


def _next_due(verification: Verification, now: int) -> int | None:
    delivery, next_at = verification.delivery, None
    if delivery is not None and delivery.state is DeliveryState.PENDING:
        next_at = _next_attempt_at(delivery, now)
    return due_with_look(_erasure_of(verification), next_at, now)


def _interrupted_call_settled(verification: Verification, now: int) -> Verification:
    """A call that its function never settled is unknown: the function is dead by now."""
    last = verification.last_call
    if last is None or last.state is not CallState.CALLED:
        return verification
    unknown = replace(
        last,
        state=CallState.SETTLED,
        settled_at=now,
        outcome=CallOutcome.UNKNOWN,
        code="interrupted",
        billable="unknown",
    )
    verification = _settlement_audited(verification, unknown, now, Step.ERASE)
    return replace(verification, calls=(*verification.calls[:-1], unknown))


def _erasure_of(verification: Verification) -> Erasure:
    """Raises ForbiddenTransition if nobody asked for one."""
    if verification.erasure is None:
        raise ForbiddenTransition(verification.status, Status.ERASED)
    return verification.erasure
