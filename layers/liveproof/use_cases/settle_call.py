"""Writing a paid call's outcome into the ledger, before anything else is done with its answer."""

from __future__ import annotations

from liveproof import observability
from liveproof.checks.reading import Reading
from liveproof.dependencies import Dependencies
from liveproof.domain.ledger import Settlement
from liveproof.domain.lifecycle import call_settled
from liveproof.domain.verification import Verification
from liveproof.observability import Event
from liveproof.vendors.answer import Answer


def settlement_of(answer: Answer, code: str | None, reading: Reading) -> Settlement:
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


def settle_call(
    dependencies: Dependencies, verification: Verification, settlement: Settlement, lease_until: int
) -> Verification:
    """Save the last call's outcome; its caller goes on alone until `lease_until`.

    Raises:
        Conflict: another change came first.
    """
    saved = dependencies.records.save(
        call_settled(verification, dependencies.clock.now(), settlement, lease_until=lease_until)
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
