"""Writing a paid call's outcome into the ledger, before anything else is done with its answer."""

from __future__ import annotations

import random
from collections.abc import Callable

from msgspec.structs import replace

from liveproof import observability
from liveproof.checks.reading import Reading
from liveproof.dependencies import Dependencies
from liveproof.domain.erasure_transitions import call_settled_while_erasing
from liveproof.domain.lease import lease_until
from liveproof.domain.ledger import CallOutcome, Settlement
from liveproof.domain.lifecycle import call_settled
from liveproof.domain.states import ForbiddenTransition, Step
from liveproof.domain.verification import Verification
from liveproof.observability import Event, Measure, wide_event
from liveproof.ports import Conflict, Records
from liveproof.use_cases.request_step import request_step
from liveproof.vendors.answer import Answer
from liveproof.vendors.errors import KeyReplaced

_FIRST_PAUSE_MS = 50
_LONGEST_PAUSE_MS = 2_000
_SAVE_TRIES = 5
_MARGIN_MS = 1_000
"""No try begins so shortly before the function is stopped."""

NOT_SENT = Settlement(CallOutcome.NOT_EXECUTED, billable="no", code="not_sent")
"""How a call ended that never left."""

Change = Callable[[Verification], Verification]


def build_settlement(answer: Answer, code: str | None, reading: Reading) -> Settlement:
    """How a call ended that got an answer with this code, which means this."""
    return Settlement(
        reading.outcome,
        billable=reading.billable,
        code=code,
        request_id=answer.request_id,
        latency_ms=answer.latency_ms,
        score=reading.score,
        codes_date=reading.codes_date,
    )


def refusal_of(refused: KeyReplaced) -> Settlement:
    """How a call ended whose key the vendor refused, so that nothing was executed."""
    return Settlement(
        CallOutcome.NOT_EXECUTED,
        billable="no",
        code=refused.code,
        request_id=refused.request_id,
    )


def settle_call(
    dependencies: Dependencies,
    verification: Verification,
    settlement: Settlement,
    deadline: int,
    decide: Change | None = None,
) -> Verification:
    """Save the last call's outcome. Its caller goes on alone until its function is stopped.

    A store that is throttled or out of reach is asked again while the function has time: an outcome
    that is not saved is unknown, and may lead to a second paid call.

    Args:
        deadline: when the function is stopped (ms since 1970).
        decide: makes the decision that is saved in the same write, where nothing has to be done
            between the two.

    Raises:
        Conflict: another change came first. If that was the request to erase the verification, the
            outcome is in the ledger nevertheless.
        Exception: the store's, when no time is left.
    """
    settled = call_settled(
        verification, dependencies.clock.now(), settlement, lease_until=lease_until(deadline)
    )
    try:
        after = settled if decide is None else decide(settled)
    except Exception:
        _save(dependencies, settled, deadline)  # the decision can be made later by this
        raise
    try:
        saved = _save(dependencies, after, deadline)
    except Conflict:
        if _settle_while_erasing(dependencies, settled, deadline):
            _log(verification, settlement)
        raise
    _log(verification, settlement)
    return saved


def _settle_while_erasing(dependencies: Dependencies, settled: Verification, deadline: int) -> bool:
    """Write the outcome into the ledger of a verification whose erasure was requested meanwhile.

    Returns:
        Whether the ledger waited for it, and has it now.
    """
    call = settled.calls[-1]
    for _ in range(_SAVE_TRIES):
        stored = dependencies.records.load(settled.id)
        if stored is None:
            return False
        try:
            after = call_settled_while_erasing(stored, call, dependencies.clock.now())
            saved = _save(dependencies, after, deadline)
        except ForbiddenTransition:
            return False
        except Conflict:
            continue
        request_step(dependencies, Step.ERASE, saved)
        return True
    return False


def _log(verification: Verification, settlement: Settlement) -> None:
    observability.record(
        Event.CALL_SETTLED,
        verification=verification.id,
        outcome=settlement.outcome.value,
        code=settlement.code,
        vendor_request_id=settlement.request_id,
        latency_ms=settlement.latency_ms,
        billable=settlement.billable,
    )
    if settlement.billable == "yes":
        wide_event.current().add("billed_calls")
        observability.measure(Measure.BILLED_CALLS, 1, check=verification.check)


def _save(dependencies: Dependencies, settled: Verification, deadline: int) -> Verification:
    clock = dependencies.clock
    failures = 0
    while True:
        try:
            return _save_once(dependencies.records, settled, in_doubt=failures > 0)
        except Conflict:
            raise
        except Exception as error:
            failures += 1
            # Half of the pause is random: those that were throttled together do not return so.
            longest = min(_FIRST_PAUSE_MS * 2**failures, _LONGEST_PAUSE_MS)
            pause = random.uniform(longest / 2, longest)  # noqa: S311 - not a secret
            again = clock.now() + round(pause)
            if again > deadline - _MARGIN_MS:
                raise
            observability.record_failure(Event.SETTLEMENT_DELAYED, error, verification=settled.id)
            clock.sleep_until(again)


def _save_once(records: Records, settled: Verification, *, in_doubt: bool) -> Verification:
    """Save it; if `in_doubt`, an earlier try may have been saved although it failed."""
    try:
        return records.save(settled)
    except Conflict:
        if in_doubt:
            stored = records.load(settled.id)
            if stored == replace(settled, version=settled.version + 1):
                return stored
        raise
