"""What an operator changes of a verification: each function takes one and returns the next.

`lifecycle` has every other change. The store refuses the result when another change came first.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from liveproof.domain.ledger import Call, CallOutcome
from liveproof.domain.lifecycle import CallNotAllowed, unknown_calls
from liveproof.domain.states import Status, require_successor
from liveproof.domain.verification import Intervention, Verification

MOST_INTERVENTIONS = 20
"""How many interventions of operators a verification keeps: each adds up to 600 bytes."""


def released(verification: Verification, now: int) -> Verification:
    """An operator allows a call: one more, if the outcome of the last is unknown."""
    if verification.status is not Status.HELD:
        raise CallNotAllowed("only a held verification can be released")
    # Where nothing is unknown the policy keeps its word about the first call that will be.
    released_at = now if unknown_calls(verification) else verification.released_at
    return replace(_taken_up(verification, now), released_at=released_at)


def _taken_up(verification: Verification, now: int) -> Verification:
    """A held verification whose check begins anew, with all attempts."""
    status = Status.CHECKING if verification.calls else Status.READY
    require_successor(verification.status, status)
    return replace(
        verification,
        status=status,
        due_at=now,
        runs=0,
        vendor_failures=0,
        waiting_for=None,
        vendor_waited_ms=0,
    )


def unknown_call_not_executed(verification: Verification, now: int) -> Verification:
    """An operator learned that the vendor did not execute a call: it is made after all.

    Raises:
        CallNotAllowed: the verification is not held, or no outcome is unknown.
    """
    calls = _unknown_call_replaced(verification, outcome=CallOutcome.NOT_EXECUTED, billable="no")
    return _taken_up(replace(verification, calls=calls), now)


def unknown_call_billed(verification: Verification) -> Verification:
    """An operator learned that the vendor billed a call whose answer is lost.

    Raises:
        CallNotAllowed: the verification is not held, or no outcome is unknown.
    """
    calls = _unknown_call_replaced(verification, billable="yes")
    return replace(verification, calls=calls)


def _unknown_call_replaced(verification: Verification, **changes: Any) -> tuple[Call, ...]:
    """The ledger with changes in the last call whose outcome is unknown."""
    if verification.status is not Status.HELD:
        raise CallNotAllowed("only a held verification can be settled")
    calls = list(verification.calls)
    for index in reversed(range(len(calls))):
        if calls[index].outcome is CallOutcome.UNKNOWN:
            calls[index] = replace(calls[index], **changes)
            return tuple(calls)
    raise CallNotAllowed("no outcome of a call is unknown")


def intervention_recorded(verification: Verification, intervention: Intervention) -> Verification:
    """An operator's intervention is kept; of many the first and the latest ones."""
    first, *others = (*verification.interventions, intervention)
    kept = others[-(MOST_INTERVENTIONS - 1) :]
    return replace(verification, interventions=(first, *kept))
