"""What happens next with a verification's paid call: the product's decision tree.

Every function here answers from what is stored, the deployment's policy and the time, and does
nothing. `use_cases/paid_call.py` makes the moves. In the order of a run:

    next_move             what a run begins with
    move_with_new_slot    the quota gave a slot: prepare now, or run again shortly before it
    has_missed            the files are at the vendor: has the slot passed meanwhile?
    move_when_prepared    call in the slot, or run again shortly before it
    move_after_failure    a request that costs nothing failed: try again later, or give up
    move_after_unknown    nobody knows what came of the call: repeat it, hold, or give up

Times are milliseconds since 1970, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from liveproof.domain.ledger import Call, CallOutcome, CallState
from liveproof.domain.lifecycle import unknown_calls
from liveproof.domain.retries import MOST_RUNS, VENDOR_FAILURES, retry_delay_ms
from liveproof.domain.run_times import RESERVE_SECONDS, SLOT_WAIT_SECONDS
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification

HOLD_MS = 24 * 60 * 60 * 1000
"""How long an operator has to release a held verification before it becomes `error`."""

SLOT_WAIT_MS = round(SLOT_WAIT_SECONDS * 1000)

SLOT_LATENESS_MS = 50
"""A run that is later than this for its slot takes another: late calls would bunch."""

SLOT_LEAD_MS = 2_000
"""A run that waits for a slot starts this long before it, and earlier still by the time that the
run before it took: files that take longer than this would come late for every slot, and would use
up the slots of all others."""


class UnknownPolicy(str, Enum):
    """What follows a call whose outcome is unknown: `LIVEPROOF_UNKNOWN_OUTCOME`.

    REPEAT_ONCE makes one more call, which the ledger records. HOLD leaves that to an operator.
    """

    REPEAT_ONCE = "repeat_once"
    HOLD = "hold"


@dataclass(frozen=True)
class Decide:
    """Take the decision from an answered call."""

    call: Call


@dataclass(frozen=True)
class SettleInterrupted:
    """Settle a sent call as unknown: its function died before it recorded an answer."""


@dataclass(frozen=True)
class Hold:
    """Let an operator say whether the call is repeated, until a time."""

    until: int


@dataclass(frozen=True)
class GiveUp:
    """End without an answer, for a reason of `data/reasons.json`."""

    reason: str


@dataclass(frozen=True)
class ReserveSlot:
    """Ask the quota for the call's slot."""


@dataclass(frozen=True)
class Prepare:
    """Bring the files to the vendor, for a call in this slot."""

    slot: int


@dataclass(frozen=True)
class Send:
    """Make the call in this slot."""

    slot: int


@dataclass(frozen=True)
class Wait:
    """Run the step again at a time.

    Attributes:
        why: a short code for the log.
        slot: the slot that the next run uses; None: it reserves one.
        is_failure: whether a failure of the vendor is counted.
    """

    until: int
    why: str
    slot: int | None = None
    is_failure: bool = False


Move = Decide | SettleInterrupted | Hold | GiveUp | ReserveSlot | Prepare | Send | Wait


def next_move(verification: Verification, policy: UnknownPolicy, now: int) -> Move:
    """The first move of a run, for a verification that is `ready`, `checking` or `held` and due.

    The first line that fits decides:

    1. It is held, and nobody released it in time: give up.
    2. The last call was sent and not settled: settle it as interrupted.
    3. The last call was answered: decide.
    4. The last call's outcome is unknown and it may not be repeated: hold or give up.
    5. A call was intended `MOST_RUNS` times: give up.
    6. The slot that the last run left can still be met: prepare the call.
    7. Otherwise: reserve a slot.
    """
    call = verification.last_call
    outcome = None if call is None else call.outcome
    if verification.status is Status.HELD:
        return GiveUp("call_outcome_unknown")
    if call is not None and call.state is CallState.CALLED:
        return SettleInterrupted()
    if call is not None and outcome is CallOutcome.ANSWERED:
        return Decide(call)
    if outcome is CallOutcome.UNKNOWN and not _may_repeat(verification, policy):
        return _hold_or_give_up(verification, policy, now)
    if verification.runs >= MOST_RUNS:
        return GiveUp("not_finished")
    slot = verification.call_not_before
    if slot is not None and now <= _latest_start(verification, slot):
        return Prepare(slot)
    return ReserveSlot()


def move_with_new_slot(verification: Verification, slot: int, now: int) -> Prepare | Wait:
    """Prepare for a slot that the quota just gave, or end the run and start another before it."""
    lead = _lead_ms(verification)
    if slot - now > max(SLOT_WAIT_MS, lead):
        return Wait(slot - lead, "slot", slot)
    return Prepare(slot)


def has_missed(slot: int, now: int) -> bool:
    """Whether a call that is ready at `now` is too late for its slot and needs another."""
    return now > slot + SLOT_LATENESS_MS


def move_when_prepared(
    slot: int, now: int, *, began: int, seconds_left: float, call_timeout: float
) -> Send | Wait:
    """Send in a slot that is near enough; otherwise another run must, and brings the files again.

    Args:
        slot: one that is not missed.
        began: when this run began: the next one starts as much earlier as this one took.
        seconds_left: of this run.
        call_timeout: seconds of the paid call.
    """
    left_at_slot = seconds_left - (slot - now) / 1000
    if slot - now > SLOT_WAIT_MS or left_at_slot < RESERVE_SECONDS + call_timeout:
        lead = SLOT_LEAD_MS + now - began
        return Wait(max(now, slot - lead), "slot", slot)
    return Send(slot)


def move_after_failure(verification: Verification, why: str, now: int) -> Wait | GiveUp:
    """What follows a request that cost nothing and failed at the vendor.

    Args:
        verification: with the failures before this one.
    """
    failures = verification.vendor_failures
    if failures + 1 >= VENDOR_FAILURES:
        return GiveUp("vendor_unavailable")
    return Wait(now + retry_delay_ms(failures), why, is_failure=True)


def move_after_unknown(
    verification: Verification, policy: UnknownPolicy, now: int
) -> Wait | Hold | GiveUp:
    """What follows a call that was just settled as unknown: once more soon, hold, or give up."""
    if _may_repeat(verification, policy):
        return Wait(now + retry_delay_ms(verification.vendor_failures), "call_outcome_unknown")
    return _hold_or_give_up(verification, policy, now)


def _may_repeat(verification: Verification, policy: UnknownPolicy) -> bool:
    """One repetition: by policy at once, or after an operator released the hold."""
    is_allowed = policy is UnknownPolicy.REPEAT_ONCE or verification.released_at is not None
    return is_allowed and unknown_calls(verification) == 1


def _hold_or_give_up(verification: Verification, policy: UnknownPolicy, now: int) -> Hold | GiveUp:
    """Hold once, where the policy says so; two unknown calls are the end."""
    if policy is UnknownPolicy.HOLD and unknown_calls(verification) == 1:
        return Hold(now + HOLD_MS)
    return GiveUp("call_outcome_unknown")


def _lead_ms(verification: Verification) -> int:
    """How long before its slot the run was to begin: at least `SLOT_LEAD_MS`."""
    slot, due_at = verification.call_not_before, verification.due_at
    if slot is None or due_at is None:
        return SLOT_LEAD_MS
    return max(SLOT_LEAD_MS, slot - due_at)


def _latest_start(verification: Verification, slot: int) -> int:
    """The latest beginning of a run for its stored slot.

    A run that begins `SLOT_LEAD_MS` later than it was due would bring the files after the slot.
    """
    return slot - _lead_ms(verification) + SLOT_LEAD_MS
