"""What follows when the vendor refuses a free request that prepares a paid call."""

from __future__ import annotations

from liveproof import observability
from liveproof.checks.reading import Reading
from liveproof.domain.ledger import CallOutcome
from liveproof.observability import Event, Metric
from liveproof.use_cases.conclude import reason_of_refusal
from liveproof.vendors.errors import VendorRefused


def reason_of_refused_preparation(
    verification_id: str, refused: VendorRefused, reading: Reading
) -> str | None:
    """The reason with which the verification ends; None if the request may succeed later.

    Args:
        reading: of the code with which the vendor refused.
    """
    observability.record(
        Event.VENDOR_UNREACHED,
        verification=verification_id,
        code=refused.code,
        vendor_request_id=refused.request_id,
    )
    if reading.outcome is not CallOutcome.ANSWERED:
        return None
    if not reading.is_in_table:
        observability.count(Metric.UNKNOWN_VENDOR_CODE)
    observability.count(Metric.VENDOR_ALERT)
    return reason_of_refusal(reading.reason)
