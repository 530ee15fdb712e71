"""The reflect flow's first step, for the mobile SDK: device data for a light sequence."""

from __future__ import annotations

import math

from liveproof import facts, observability
from liveproof.checks import reflect
from liveproof.checks.reading import is_throttling
from liveproof.dependencies import Dependencies
from liveproof.domain.breaker import PAUSE_MS
from liveproof.observability import Event
from liveproof.quota import QuotaFull, VendorDown
from liveproof.use_cases.errors import InvalidRequest, VendorBusy, VendorFailed
from liveproof.use_cases.vendor_slots import SequenceSlots, probes_given_back
from liveproof.vendors.errors import VendorError, VendorRefused
from liveproof.vendors.tencent.reflect_sequence import ACTION

LONGEST_WAIT_MS = 5_000
"""A slot later than this is neither waited for nor taken: the person is looking at the phone."""

TIMEOUT_SECONDS = 18.0
"""For the upload, the request and the download together, a third for each."""

RETRY_AFTER_THROTTLING_SECONDS = 2


def create_reflect_sequence(
    dependencies: Dependencies, device_data: str, security_level: int
) -> bytes:
    """The sequence's bytes, their MD5 proven.

    Raises:
        InvalidRequest: the pinned region does not serve the check `reflect`.
        VendorBusy: the quota's next slot is too far away, or the vendor has too many requests, or
            counts as down.
        VendorFailed: the vendor refused, or could not be reached.
    """
    if reflect.NAME not in dependencies.checks:
        raise InvalidRequest(f"reflect is not served in {dependencies.reflect_sequences.region}")
    slots = SequenceSlots(dependencies)
    try:
        with probes_given_back(*slots.apis):
            sequence = _make(dependencies, slots, device_data, security_level)
    except QuotaFull as full:
        wait = full.free_at - LONGEST_WAIT_MS - dependencies.clock.now()
        raise VendorBusy(
            "more sequences are asked for than the vendor gives",
            retry_after=max(1, math.ceil(wait / 1000)),
        ) from None
    except VendorDown:
        raise VendorBusy(
            "the vendor fails at this, and is left in peace for a time",
            retry_after=PAUSE_MS // 1000,
        ) from None
    except VendorError as error:
        code = error.code if isinstance(error, VendorRefused) else type(error).__name__
        observability.record(Event.VENDOR_UNREACHED, code=code)
        if is_throttling(facts.apis()[ACTION], code):
            slots.slow_down()
            raise VendorBusy(
                "the vendor has too many requests", retry_after=RETRY_AFTER_THROTTLING_SECONDS
            ) from None
        raise VendorFailed(f"the vendor gave no sequence: {code}") from None
    observability.record(Event.SEQUENCE_CREATED, bytes=len(sequence))
    return sequence


def _make(
    dependencies: Dependencies, slots: SequenceSlots, device_data: str, security_level: int
) -> bytes:
    """Each of the two requests leaves in its slot. Raises QuotaFull, VendorDown, VendorError."""
    clock, sequences = dependencies.clock, dependencies.reflect_sequences
    latest = clock.now() + LONGEST_WAIT_MS
    slots.join_line(latest)
    clock.sleep_until(slots.reserve_upload(latest))
    began = clock.now()
    with slots.reporting():
        uploaded = sequences.upload(device_data, TIMEOUT_SECONDS / 3)
    latest += clock.now() - began
    clock.sleep_until(slots.reserve_sequence(latest))
    with slots.reporting():
        return sequences.generate(uploaded, security_level, TIMEOUT_SECONDS * 2 / 3)
