"""The reflect flow's first step, for the mobile SDK: device data for a light sequence."""

from __future__ import annotations

from liveproof import observability
from liveproof.checks import reflect
from liveproof.dependencies import Dependencies
from liveproof.domain.pace import QuotaFull
from liveproof.observability import Event
from liveproof.use_cases.errors import InvalidRequest, VendorBusy, VendorFailed
from liveproof.use_cases.vendor_slots import reserve_reflect_sequence
from liveproof.vendors.errors import VendorError, VendorRefused

LONGEST_WAIT_MS = 5_000
"""A slot later than this is neither waited for nor taken: the person is looking at the phone."""

TIMEOUT_SECONDS = 18.0


def create_reflect_sequence(
    dependencies: Dependencies, device_data: str, security_level: int
) -> bytes:
    """The sequence's bytes, their MD5 proven.

    Raises:
        InvalidRequest: the pinned region does not serve the check `reflect`.
        VendorBusy: the quota's next slot is too far away.
        VendorFailed: the vendor refused, or could not be reached.
    """
    if reflect.NAME not in dependencies.checks:
        raise InvalidRequest(f"reflect is not served in {dependencies.reflect_sequences.region}")
    try:
        slot = reserve_reflect_sequence(dependencies, LONGEST_WAIT_MS)
    except QuotaFull:
        raise VendorBusy(
            "more sequences are asked for than the vendor gives; ask again later"
        ) from None
    dependencies.clock.sleep_until(slot)
    try:
        sequence = dependencies.reflect_sequences.generate(
            device_data, security_level, TIMEOUT_SECONDS
        )
    except VendorError as error:
        code = error.code if isinstance(error, VendorRefused) else type(error).__name__
        observability.record(Event.VENDOR_UNREACHED, code=code)
        raise VendorFailed(f"the vendor gave no sequence: {code}") from None
    observability.record(Event.SEQUENCE_CREATED, bytes=len(sequence))
    return sequence
