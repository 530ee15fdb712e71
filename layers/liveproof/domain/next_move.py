"""What happens next with a verification's paid call: the product's decision tree.

Every function here answers from what is stored, the deployment's policy and the time, and does
nothing. `use_cases/paid_call.py` makes the moves. In the order of a run:

    next_move             what a run begins with
    move_without_slot     no slot is near enough: try again later
    move_while_down       the vendor is down: try again later, or give up
    move_after_failure    a request that costs nothing failed: try again later, or give up
    move_after_unknown    nobody knows what came of the call: repeat it, hold, or give up
    put_off               what trying again later changes in the verification

Times are milliseconds since 1970, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from liveproof.domain.ledger import Call, CallOutcome, CallState
from liveproof.domain.lifecycle import postponed, unknown_calls, vendor_awaited, vendor_failed
from liveproof.domain.retries import (
    MOST_RUNS,
    VENDOR_DOWN_MS,
    VENDOR_FAILURES,
    retry_delay_ms,
    vendor_down_delay_ms,
)
from liveproof.domain.run_times import SLOT_WAIT_SECONDS
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification, WaitingFor

HOLD_MS = 24 * 60 * 60 * 1000
"""How long an operator has to release a held verification before it becomes `error`."""

_SLOT_WAIT_MS = round(SLOT_WAIT_SECONDS * 1000)


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
class MakeCall:
    """Bring the files to the vendor, then take a slot and call in it."""


@dataclass(frozen=True)
class Wait:
    """Run the step again at a time.

    Attributes:
        why: a short code for the log.
        waiting_for: what clients read as the reason.
        is_failure: whether a failure of the vendor is counted.
        is_down: whether the time is counted as waiting for a vendor that is down.
    """

    until: int
    why: str
    waiting_for: WaitingFor | None = None
    is_failure: bool = False
    is_down: bool = False


Move = Decide | SettleInterrupted | Hold | GiveUp | MakeCall | Wait


def next_move(verification: Verification, policy: UnknownPolicy, now: int) -> Move:
    """The first move of a run, for a verification that is `ready`, `checking` or `held` and due.

    The first line that fits decides:

    1. It is held, and nobody released it in time: give up.
    2. The last call was sent and not settled: settle it as interrupted.
    3. The last call was answered: decide.
    4. The last call's outcome is unknown and it may not be repeated: hold or give up.
    5. A call was intended `MOST_RUNS` times: give up.
    6. Otherwise: make the call.
    """
    call = verification.last_call
    outcome = None if call is None else call.outcome
    if verification.status is Status.HELD:
        unknown = unknown_calls(verification) > 0
        return GiveUp("call_outcome_unknown" if unknown else "not_finished")
    if call is not None and call.state is CallState.CALLED:
        return SettleInterrupted()
    if call is not None and outcome is CallOutcome.ANSWERED:
        return Decide(call)
    if outcome is CallOutcome.UNKNOWN and not _may_repeat(verification, policy):
        return _hold_or_give_up(verification, policy, now)
    if verification.runs >= MOST_RUNS:
        return GiveUp("not_finished")
    return MakeCall()


def move_without_slot(verification: Verification, free_at: int, now: int) -> Wait:
    """What follows when no slot was near enough for the run to wait for.

    Who waits in a line before the runs has a slot near enough when its run begins. So this is rare,
    and the waits grow with the runs, as after a failure of the vendor.

    Args:
        free_at: the first slot that is free.
    """
    wait = retry_delay_ms(verification.runs)
    return Wait(max(now + wait, free_at - _SLOT_WAIT_MS), "quota", WaitingFor.QUOTA)


def move_while_down(verification: Verification, now: int) -> Wait | GiveUp:
    """What follows while the vendor is down. Nothing was asked of it, so no failure is counted."""
    waited = verification.vendor_waited_ms
    if waited >= VENDOR_DOWN_MS:
        return GiveUp("vendor_unavailable")
    until = now + vendor_down_delay_ms(waited)
    return Wait(until, "vendor_down", WaitingFor.VENDOR, is_down=True)


def move_after_failure(verification: Verification, why: str, now: int) -> Wait | GiveUp:
    """What follows a request that cost nothing and failed at the vendor.

    Args:
        verification: with the failures before this one.
    """
    failures = verification.vendor_failures
    if failures + 1 >= VENDOR_FAILURES:
        return GiveUp("vendor_unavailable")
    return Wait(now + retry_delay_ms(failures), why, WaitingFor.VENDOR, is_failure=True)


def move_after_unknown(
    verification: Verification, policy: UnknownPolicy, now: int
) -> Wait | Hold | GiveUp:
    """What follows a call that was just settled as unknown: once more soon, hold, or give up."""
    if _may_repeat(verification, policy):
        until = now + retry_delay_ms(verification.vendor_failures)
        return Wait(until, "call_outcome_unknown", WaitingFor.VENDOR)
    return _hold_or_give_up(verification, policy, now)


def put_off(verification: Verification, wait: Wait, now: int) -> Verification:
    """The verification until the next run."""
    if wait.is_failure:
        return vendor_failed(verification, wait.until)
    if wait.is_down:
        return vendor_awaited(verification, wait.until, now)
    return postponed(verification, wait.until, wait.waiting_for)


def _may_repeat(verification: Verification, policy: UnknownPolicy) -> bool:
    """One repetition: by policy at once, or after an operator released the hold."""
    is_allowed = policy is UnknownPolicy.REPEAT_ONCE or verification.released_at is not None
    return is_allowed and unknown_calls(verification) == 1


def _hold_or_give_up(verification: Verification, policy: UnknownPolicy, now: int) -> Hold | GiveUp:
    """Hold once, where the policy says so; two unknown calls are the end."""
    if policy is UnknownPolicy.HOLD and unknown_calls(verification) == 1:
        return Hold(now + HOLD_MS)
    return GiveUp("call_outcome_unknown")
