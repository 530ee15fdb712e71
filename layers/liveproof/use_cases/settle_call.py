"""Writing a paid call's outcome into the ledger, before anything else is done with its answer."""

from __future__ import annotations

from dataclasses import dataclass

from liveproof import observability
from liveproof.checks.check import Check, Reading
from liveproof.dependencies import Dependencies
from liveproof.domain.lifecycle import call_settled
from liveproof.domain.verification import CallOutcome, Verification
from liveproof.facts import code_table
from liveproof.observability import Event
from liveproof.vendors.answer import Answer


@dataclass(frozen=True)
class Settlement:
    """What is known of a call that is over. See `liveproof.domain.verification.Call`."""

    outcome: CallOutcome
    billable: str
    code: str | None
    request_id: str | None = None
    latency_ms: int | None = None
    score: float | None = None
    codes_date: str | None = None


def settlement_of(
    check: Check, answer: Answer, reading: Reading, code: str | None, score: float | None
) -> Settlement:
    """What an answer says, read by the check's code table."""
    return Settlement(
        reading.outcome,
        billable=reading.billable,
        code=code,
        request_id=answer.request_id,
        latency_ms=answer.latency_ms,
        score=score,
        codes_date=code_table(check.api.codes).date,
    )


def settle_call(
    dependencies: Dependencies, verification: Verification, settlement: Settlement, lease_until: int
) -> Verification:
    """Save the last call's outcome; its caller goes on alone until `lease_until`.

    Raises:
        Conflict: another change came first.
    """
    saved = dependencies.records.save(
        call_settled(
            verification,
            dependencies.clock.now(),
            settlement.outcome,
            code=settlement.code,
            request_id=settlement.request_id,
            latency_ms=settlement.latency_ms,
            billable=settlement.billable,
            score=settlement.score,
            codes_date=settlement.codes_date,
            lease_until=lease_until,
        )
    )
    observability.record(
        Event.CALL_SETTLED,
        verification=verification.id,
        outcome=settlement.outcome.value,
        code=settlement.code,
        vendor_request_id=settlement.request_id,
        latency_ms=settlement.latency_ms,
        billable=settlement.billable,
    )
    return saved
