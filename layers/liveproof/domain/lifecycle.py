"""How a verification changes up to its decision: each function takes one and returns the next, or
raises. `delivery_transitions.py` has what follows.

Nothing here reads a clock or a store. Saving the result is what makes a change happen; the store
refuses it when another change came first.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from liveproof.domain.audit import CLIENT, What, audited
from liveproof.domain.ledger import Call, CallOutcome, CallState, Settlement
from liveproof.domain.states import ForbiddenTransition, Status, require_successor
from liveproof.domain.verification import (
    Delivery,
    InputState,
    Proof,
    Verdict,
    Verification,
    WaitingFor,
)


class CallNotAllowed(Exception):
    """The ledger forbids another call for this verification."""


def _move(verification: Verification, status: Status, **changes: Any) -> Verification:
    require_successor(verification.status, status)
    return replace(verification, status=status, **changes)


def input_proven(
    verification: Verification, name: str, key: str, proof: Proof, now: int
) -> Verification:
    """The bytes under `key` are the declared ones; the last such input makes it ready."""
    proven = replace(
        verification.inputs[name], state=InputState.PROVEN, proven_key=key, proof=proof
    )
    inputs = {**verification.inputs, name: proven}
    verification = audited(verification, What.INPUT_PROVEN, now, input=name)
    if all(entry.state is InputState.PROVEN for entry in inputs.values()):
        return _move(verification, Status.READY, inputs=inputs, ready_at=now, due_at=now)
    return _move(verification, Status.AWAITING_UPLOAD, inputs=inputs)


def input_refused(
    verification: Verification, name: str, key: str, verdict: Verdict
) -> Verification:
    """The bytes under `key` cannot be used: the person must capture again."""
    refused = replace(
        verification.inputs[name],
        state=InputState.REFUSED,
        proven_key=key,
        reason=verdict.reason.code,
    )
    inputs = {**verification.inputs, name: refused}
    verification = audited(
        verification,
        What.INPUT_REFUSED,
        verdict.decided_at,
        input=name,
        reason=verdict.reason.code,
    )
    return decided(_move(verification, Status.AWAITING_UPLOAD, inputs=inputs), verdict)


def uploads_renewed(verification: Verification, keys: dict[str, str], now: int) -> Verification:
    """New object keys for the named inputs. Uploads under the earlier keys still count."""
    inputs = dict(verification.inputs)
    for name, key in keys.items():
        inputs[name] = replace(inputs[name], keys=(*inputs[name].keys, key))
    verification = audited(
        verification, What.UPLOADS_RENEWED, now, CLIENT, inputs=",".join(sorted(keys))
    )
    return _move(verification, Status.AWAITING_UPLOAD, inputs=inputs)


def last_look_begun(verification: Verification, lease_until: int) -> Verification:
    """Long after it expired, one function looks for its uploads once more, until `lease_until`."""
    return _move(
        verification, Status.AWAITING_UPLOAD, due_at=lease_until, runs=verification.runs + 1
    )


def postponed(
    verification: Verification, due_at: int, waiting_for: WaitingFor | None = None
) -> Verification:
    """The state's step runs again at `due_at`."""
    return _move(verification, verification.status, due_at=due_at, waiting_for=waiting_for)


def vendor_failed(verification: Verification, due_at: int) -> Verification:
    """A request that costs nothing failed at the vendor; the step runs again at `due_at`.

    One failure more is counted.
    """
    failures = verification.vendor_failures + 1
    return replace(postponed(verification, due_at, WaitingFor.VENDOR), vendor_failures=failures)


def vendor_awaited(verification: Verification, due_at: int, now: int) -> Verification:
    """The vendor is down, so nothing was asked of it; the step runs again at `due_at`."""
    waited = verification.vendor_waited_ms + due_at - now
    return replace(postponed(verification, due_at, WaitingFor.VENDOR), vendor_waited_ms=waited)


def unknown_calls(verification: Verification) -> int:
    """How many calls of this verification may have been billed without an answer."""
    return sum(call.outcome is CallOutcome.UNKNOWN for call in verification.calls)


def call_intended(
    verification: Verification,
    action: str,
    region: str | None,
    now: int,
    lease_until: int,
    *,
    version: str | None = None,
    face_model: str | None = None,
) -> Verification:
    """Win the right to one call. No other function may take it over before `lease_until`.

    Args:
        region, version, face_model: what the request will ask for, as `Call` says.

    Raises:
        CallNotAllowed: a call was sent and not settled, or was answered, or two are unknown, or the
            verification is held and nobody released it.
    """
    if verification.status is Status.HELD:
        raise CallNotAllowed("a held verification must be released first")
    last = verification.last_call
    earlier = verification.calls
    if last is not None:
        if last.state is CallState.CALLED:
            raise CallNotAllowed("the last call has not been settled")
        if last.outcome is CallOutcome.ANSWERED:
            raise CallNotAllowed("the last call was answered")
        if last.state is CallState.INTENT:
            # The same call, tried again: it keeps its entry, and the time of its first intent.
            earlier, now = earlier[:-1], last.intent_at
    if unknown_calls(verification) > 1:
        raise CallNotAllowed("a call with an unknown outcome is repeated once at most")
    call = Call(
        number=len(earlier) + 1,
        action=action,
        region=region,
        version=version,
        face_model=face_model,
        state=CallState.INTENT,
        intent_at=now,
    )
    if last is None or last.state is not CallState.INTENT:
        verification = audited(
            verification, What.CALL_INTENDED, now, call=call.number, action=action
        )
    runs = verification.runs + 1
    return _move(
        verification, Status.CHECKING, calls=(*earlier, call), due_at=lease_until, runs=runs
    )


def _last_call_replaced(verification: Verification, **changes: Any) -> tuple[Call, ...]:
    return (*verification.calls[:-1], replace(verification.calls[-1], **changes))


def _require_last_call(verification: Verification, state: CallState) -> Call:
    last = verification.last_call
    if last is None or last.state is not state:
        raise CallNotAllowed(f"the last call is not in state {state.value}")
    return last


def call_sent(verification: Verification, now: int, lease_until: int) -> Verification:
    """The request is about to leave: from here on it may be executed and billed."""
    last = _require_last_call(verification, CallState.INTENT)
    verification = audited(verification, What.CALL_SENT, now, call=last.number)
    calls = _last_call_replaced(verification, state=CallState.CALLED, called_at=now)
    return _move(verification, Status.CHECKING, calls=calls, due_at=lease_until, waiting_for=None)


def call_settled(
    verification: Verification, now: int, settlement: Settlement, *, lease_until: int
) -> Verification:
    """The ledger's last word on a call. Its caller goes on alone until `lease_until`.

    Raises:
        CallNotAllowed: the last call was not sent, or is settled.
    """
    last = _require_last_call(verification, CallState.CALLED)
    verification = audited(
        verification,
        What.CALL_SETTLED,
        now,
        call=last.number,
        outcome=settlement.outcome.value,
        code=settlement.code,
        request_id=settlement.request_id,
        billable=settlement.billable,
    )
    calls = _last_call_replaced(
        verification,
        state=CallState.SETTLED,
        settled_at=now,
        outcome=settlement.outcome,
        code=settlement.code,
        request_id=settlement.request_id,
        latency_ms=settlement.latency_ms,
        billable=settlement.billable,
        score=settlement.score,
        codes_date=settlement.codes_date,
    )
    return _move(verification, Status.CHECKING, calls=calls, due_at=lease_until)


def held(verification: Verification, until: int, now: int, by: str | None = None) -> Verification:
    """An operator has until `until` (ms since 1970) to allow a call.

    Args:
        by: who holds it; None for the step.

    Raises:
        CallNotAllowed: a call was sent and not settled, so its function still works on it, or was
            answered, so its decision follows.
    """
    last = verification.last_call
    if last is not None and last.state is CallState.CALLED:
        raise CallNotAllowed("a call is under way, or its outcome is not settled yet")
    if last is not None and last.outcome is CallOutcome.ANSWERED:
        raise CallNotAllowed("the last call was answered")
    verification = audited(verification, What.HELD, now, by)
    return _move(verification, Status.HELD, due_at=until, waiting_for=WaitingFor.OPERATOR)


def decided(verification: Verification, verdict: Verdict, by: str | None = None) -> Verification:
    """The decision is final and its delivery begins.

    Args:
        by: who decides; None for the step of the verification's state.

    Raises:
        ForbiddenTransition: there is a decision already.
    """
    if verification.status is Status.DECIDED:
        raise ForbiddenTransition(verification.status, Status.DECIDED)
    verification = audited(
        verification,
        What.DECIDED,
        verdict.decided_at,
        by,
        decision=verdict.decision.value,
        reason=verdict.reason.code,
    )
    return _move(
        verification,
        Status.DECIDED,
        verdict=verdict,
        delivery=Delivery(),
        due_at=verdict.decided_at,
        waiting_for=None,
    )
