"""Keeping the best frame: fetched within its two hours, its MD5 proven, put under `evidence/`.

The paid call is settled before this begins. A frame that cannot be kept costs the frame, never
the decision or a second call.
"""

from __future__ import annotations

from msgspec.structs import replace

from liveproof import observability
from liveproof.checks.check import Check, Frame
from liveproof.dependencies import Dependencies
from liveproof.domain.verification import Evidence, Verification
from liveproof.observability import Event
from liveproof.vendors.errors import RelayFailed

_TRIES = 2
_SECONDS_PER_TRY = 4.0


def evidence_key(verification_id: str) -> str:
    """Where a verification's best frame lies in the bucket."""
    return f"evidence/{verification_id}/best_frame.jpg"


def keep_evidence(
    dependencies: Dependencies,
    verification: Verification,
    check: Check,
    frame: Frame | None,
    seconds_left: float,
) -> Verification:
    """The verification with its evidence noted; not saved. Takes at most eight seconds."""
    if frame is None:
        return _missing(verification, "not_offered")
    for _ in range(_TRIES):
        try:
            body = check.fetch(frame, min(_SECONDS_PER_TRY, seconds_left / (_TRIES + 1)))
        except RelayFailed:
            continue
        key = evidence_key(verification.id)
        dependencies.bucket.put(key, body, "image/jpeg")
        observability.record(Event.EVIDENCE_KEPT, verification=verification.id, bytes=len(body))
        kept = Evidence(key=key, md5=frame.md5.lower(), size=len(body))
        return replace(verification, evidence=kept)
    return _missing(verification, "not_fetched")


def _missing(verification: Verification, why: str) -> Verification:
    observability.record(Event.EVIDENCE_MISSING, verification=verification.id, why=why)
    return replace(verification, evidence=Evidence(missing=why))
