"""What an operator changes of a verification: each function takes one and returns the next.

`lifecycle` has every other change. The store refuses the result when another change came first.
"""

from __future__ import annotations

from msgspec.structs import replace

from liveproof.domain.audit import OPERATOR, What, audited
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.lifecycle import CallNotAllowed, unknown_calls
from liveproof.domain.states import Status, require_successor
from liveproof.domain.verification import Verification


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
        audited(verification, What.RELEASED, now, OPERATOR),
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
    corrected = _unknown_call_corrected(
        verification, now, outcome=CallOutcome.NOT_EXECUTED, billable="no"
    )
    return _taken_up(corrected, now)


def unknown_call_billed(verification: Verification, now: int) -> Verification:
    """An operator learned that the vendor billed a call whose answer is lost.

    Raises:
        CallNotAllowed: the verification is not held, or no outcome is unknown.
    """
    return _unknown_call_corrected(verification, now, outcome=CallOutcome.UNKNOWN, billable="yes")


def _unknown_call_corrected(
    verification: Verification, now: int, *, outcome: CallOutcome, billable: str
) -> Verification:
    """With these facts of the last call whose outcome is unknown."""
    if verification.status is not Status.HELD:
        raise CallNotAllowed("only a held verification can be settled")
    calls = list(verification.calls)
    for index in reversed(range(len(calls))):
        call = calls[index]
        if call.outcome is CallOutcome.UNKNOWN:
            calls[index] = replace(call, outcome=outcome, billable=billable)
            corrected = audited(
                verification,
                What.CALL_CORRECTED,
                now,
                OPERATOR,
                call=call.number,
                outcome=outcome.value,
                billable=billable,
            )
            return replace(corrected, calls=tuple(calls))
    raise CallNotAllowed("no outcome of a call is unknown")
