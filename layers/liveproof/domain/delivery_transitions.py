"""How the delivery of a decision changes: each function takes a verification and returns the next.

Without a decision they raise ForbiddenTransition. As in `lifecycle.py`, saving is what makes a
change happen.
"""

from __future__ import annotations

from msgspec.structs import replace

from liveproof.domain.audit import What, audited
from liveproof.domain.erasure import due_with_look
from liveproof.domain.evidence import Manifest
from liveproof.domain.states import ForbiddenTransition, Status
from liveproof.domain.verification import Attempt, Delivery, DeliveryState, Verification

LONGEST_LOG = 30
"""Attempts that a verification remembers: three deliveries of ten. More would make each write of a
webhook that keeps failing dearer, and the lists of the API larger."""


def delivery_leased(verification: Verification, lease_until: int) -> Verification:
    """One function sends. For any other, nothing is due before `lease_until`."""
    _delivery_of(verification)
    return replace(verification, due_at=lease_until)


def delivery_put_off(verification: Verification, due_at: int | None, now: int) -> Verification:
    """The endpoint takes no attempt now. The delivery has a turn at `due_at`; None ends it."""
    delivery = _delivery_of(verification)
    state = DeliveryState.EXHAUSTED if due_at is None else delivery.state
    after = replace(delivery, state=state, waits=due_at is not None)
    return _with_delivery(verification, after, due_at, now)


def attempt_recorded(
    verification: Verification,
    attempt: Attempt,
    state: DeliveryState,
    due_at: int | None,
    *,
    waits: bool = False,
) -> Verification:
    """An attempt ended.

    Args:
        due_at: the next one, None unless the delivery is still pending.
        waits: the next one is a turn, because the endpoint is paused.
    """
    delivery = _delivery_of(verification)
    attempts = delivery.attempts + 1
    entry = replace(attempt, delivery=delivery.number, number=attempts, next_at=due_at)
    after = replace(_logged(delivery, entry), state=state, attempts=attempts, faults=0, waits=waits)
    return _with_delivery(verification, after, due_at, attempt.at)


def former_attempt_recorded(verification: Verification, entry: Attempt) -> Verification:
    """An attempt ended whose delivery was replaced by a new one meanwhile: only the log has it.

    Args:
        entry: as the log of its own delivery would have had it.

    Raises:
        ForbiddenTransition: there is no newer delivery.
    """
    delivery = _delivery_of(verification)
    if delivery.number <= entry.delivery:
        raise ForbiddenTransition(verification.status, verification.status)
    newer = tuple(one for one in delivery.log if one.delivery > entry.delivery)
    older = delivery.log[: len(delivery.log) - len(newer)]
    log = (*older, replace(entry, next_at=None), *newer)
    return replace(verification, delivery=_with_log(delivery, log))


def probe_recorded(verification: Verification, probe: Attempt, due_at: int | None) -> Verification:
    """A probe of a paused endpoint failed. It is not counted as an attempt.

    Args:
        due_at: the next turn; None ends the delivery.
    """
    delivery = _delivery_of(verification)
    state = DeliveryState.EXHAUSTED if due_at is None else delivery.state
    entry = replace(probe, delivery=delivery.number, next_at=due_at)
    last = delivery.last_attempt
    is_uncounted = last is not None and (last.number, last.delivery) == (None, delivery.number)
    if is_uncounted and not delivery.faults:
        delivery = replace(delivery, log=delivery.log[:-1])
    after = replace(_logged(delivery, entry), state=state, faults=0, waits=due_at is not None)
    return _with_delivery(verification, after, due_at, probe.at)


def delivery_fault_recorded(
    verification: Verification, fault: Attempt, due_at: int | None
) -> Verification:
    """A fault of the deployment prevented an attempt, which is not counted.

    Args:
        due_at: the next attempt; None ends the delivery.
    """
    delivery = _delivery_of(verification)
    state = DeliveryState.EXHAUSTED if due_at is None else delivery.state
    entry = replace(fault, delivery=delivery.number, next_at=due_at)
    if delivery.faults:
        delivery = replace(delivery, log=delivery.log[:-1])
    after = replace(_logged(delivery, entry), state=state, faults=delivery.faults + 1)
    return _with_delivery(verification, after, due_at, fault.at)


def manifest_begun(verification: Verification, signing_until: int) -> Verification:
    """One run stores the manifest. No other does before `signing_until`.

    Of two that stored theirs at once, the bucket would have the one, and the record the other's
    hash.
    """
    delivery = replace(_delivery_of(verification), signing_until=signing_until)
    return replace(verification, delivery=delivery)


def manifest_awaited(verification: Verification, until: int) -> Verification:
    """The manifest is still to be stored. After the delivery's end the step is due for it."""
    is_pending = _delivery_of(verification).state is DeliveryState.PENDING
    return verification if is_pending else replace(verification, due_at=until)


def manifest_signed(verification: Verification, manifest: Manifest) -> Verification:
    """The decision's manifest is in the bucket. Nothing is due any more if its delivery ended."""
    verification = audited(
        verification,
        What.MANIFEST_SIGNED,
        manifest.signed_at,
        sha256=manifest.sha256,
    )
    return _with_manifest(verification, manifest)


def manifest_missing(verification: Verification, why: str) -> Verification:
    """There will be no manifest."""
    return _with_manifest(verification, Manifest(missing=why))


def _with_manifest(verification: Verification, manifest: Manifest) -> Verification:
    delivery = replace(_delivery_of(verification), signing_until=None)
    due_at = verification.due_at if delivery.state is DeliveryState.PENDING else None
    return replace(verification, manifest=manifest, delivery=delivery, due_at=due_at)


def delivery_restarted(verification: Verification, now: int, by: str) -> Verification:
    """Send the decision again: a new delivery with a full schedule, due at `now`.

    Args:
        by: who asked for it, `audit.CLIENT` or `audit.OPERATOR`.

    Raises:
        ForbiddenTransition: there is no decision, or the verification is erased.
    """
    if verification.status is not Status.DECIDED:
        raise ForbiddenTransition(verification.status, Status.DECIDED)
    former = _delivery_of(verification)
    after = Delivery(
        number=former.number + 1,
        log=former.log,
        dropped=former.dropped,
        signing_until=former.signing_until,
    )
    verification = audited(verification, What.DELIVERY_RESTARTED, now, by, delivery=after.number)
    return replace(verification, delivery=after, due_at=now)


_ENDS = {
    DeliveryState.DELIVERED: What.DELIVERED,
    DeliveryState.EXHAUSTED: What.DELIVERY_EXHAUSTED,
}


def _with_delivery(
    verification: Verification, delivery: Delivery, due_at: int | None, now: int
) -> Verification:
    """The verification with what became of its delivery; the end of it has an entry."""
    if delivery.state in _ENDS:
        verification = audited(
            verification,
            _ENDS[delivery.state],
            now,
            delivery=delivery.number,
            attempts=delivery.attempts,
        )
    due_at = due_with_look(verification.erasure, due_at, now)
    return replace(verification, delivery=delivery, due_at=due_at)


def _delivery_of(verification: Verification) -> Delivery:
    """Raises ForbiddenTransition if there is none: it begins with the decision."""
    if verification.delivery is None:
        raise ForbiddenTransition(verification.status, Status.DECIDED)
    return verification.delivery


def _logged(delivery: Delivery, entry: Attempt) -> Delivery:
    """With one entry more."""
    return _with_log(delivery, (*delivery.log, entry))


def _with_log(delivery: Delivery, log: tuple[Attempt, ...]) -> Delivery:
    """With this log, without the oldest entries that are too many."""
    excess = max(0, len(log) - LONGEST_LOG)
    return replace(delivery, log=log[excess:], dropped=delivery.dropped + excess)
