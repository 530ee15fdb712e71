"""The reflect flow's first step, for the mobile SDK: device data for a light sequence."""

from __future__ import annotations

from liveproof import facts, observability
from liveproof.api.problems import VendorBusy, VendorFailed
from liveproof.dependencies import Dependencies
from liveproof.observability import Event
from liveproof.vendors.errors import VendorError, VendorRefused
from liveproof.vendors.tencent.reflect_sequence import ACTION

LONGEST_WAIT_MS = 5_000
"""A slot later than this is not waited for: the person is looking at the phone."""

TIMEOUT_SECONDS = 18.0


def create_reflect_sequence(
    dependencies: Dependencies, device_data: str, security_level: int
) -> bytes:
    """The sequence's bytes, their MD5 proven.

    Raises:
        VendorBusy: the quota's next slot is too far away.
        VendorFailed: the vendor refused, or could not be reached.
    """
    sequences, clock = dependencies.reflect_sequences, dependencies.clock
    now = clock.now()
    known = facts.apis()[ACTION]
    name = f"{known.service}.{ACTION}.{sequences.region}"
    per_second = dependencies.settings.reflect_calls_per_second
    slot = dependencies.quota.reserve(name, per_second, now)
    if slot - now > LONGEST_WAIT_MS:
        raise VendorBusy("more sequences are asked for than the vendor gives; ask again later")
    clock.sleep_until(slot)
    try:
        sequence = sequences.generate(device_data, security_level, TIMEOUT_SECONDS)
    except VendorError as error:
        code = error.code if isinstance(error, VendorRefused) else type(error).__name__
        observability.record(Event.VENDOR_UNREACHED, code=code)
        raise VendorFailed(f"the vendor gave no sequence: {code}") from None
    observability.record(Event.SEQUENCE_CREATED, bytes=len(sequence))
    return sequence
