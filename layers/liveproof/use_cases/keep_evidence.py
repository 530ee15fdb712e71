"""Keeping the best frames of a passed verification, under `evidence/` in the bucket.

The vendor's URL of a frame is valid for two hours. Every API's frame is a JPEG; anything else that
is fetched, such as an error page, is not kept.

The paid call is settled before this begins. So a failure here loses a frame, never the decision,
and it leads to no second call.
"""

from __future__ import annotations

import hashlib

from msgspec.structs import replace

from liveproof import observability
from liveproof.checks.frames import Frame
from liveproof.dependencies import Dependencies
from liveproof.domain.evidence import Evidence, KeptFrame
from liveproof.domain.verification import Decision, Verification
from liveproof.evidence.objects import evidence_prefix
from liveproof.files.formats import HEAD_BYTES, detect_format
from liveproof.observability import Event
from liveproof.ports import Clock
from liveproof.vendors.errors import RelayFailed

_TRIES = 2
_SECONDS_PER_TRY = 4.0
_SECONDS_FOR_ALL = 8.0


def evidence_key(verification_id: str, number: int) -> str:
    """Where a verification's best frame number 1, 2, ... lies in the bucket."""
    name = "best_frame" if number == 1 else f"best_frame_{number}"
    return f"{evidence_prefix(verification_id, Decision.PASSED)}{name}.jpg"


def keep_evidence(
    dependencies: Dependencies,
    verification: Verification,
    frames: tuple[Frame, ...] | None,
    seconds_left: float,
) -> Verification:
    """The verification with its evidence, not yet saved. Takes eight seconds at most.

    Args:
        frames: what the answer offers; None when the function that had the answer was killed.
        seconds_left: of the function; half of them are used at most.
    """
    kept: list[KeptFrame] = []
    clock = dependencies.clock
    ends = clock.now() + round(1000 * min(_SECONDS_FOR_ALL, seconds_left / 2))
    missing = None
    if not frames:
        missing = "interrupted" if frames is None else "not_offered"
    for frame in frames or ():
        body = _fetch(clock, frame, ends)
        if body is None or detect_format(body[:HEAD_BYTES]) != "jpeg":
            missing = "not_fetched"
            continue
        key = evidence_key(verification.id, len(kept) + 1)
        dependencies.bucket.put(key, body, "image/jpeg")
        md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
        sha256 = hashlib.sha256(body).hexdigest()
        kept.append(KeptFrame(key=key, md5=md5, size=len(body), sha256=sha256))
        observability.record(Event.EVIDENCE_KEPT, verification=verification.id, bytes=len(body))
    if missing is not None:
        observability.record(Event.EVIDENCE_MISSING, verification=verification.id, why=missing)
    return replace(verification, evidence=Evidence(frames=tuple(kept), missing=missing))


def _fetch(clock: Clock, frame: Frame, ends: int) -> bytes | None:
    """The frame's bytes; None if no try succeeded before `ends` (ms since 1970)."""
    for _ in range(_TRIES):
        left = (ends - clock.now()) / 1000
        if left <= 0:
            return None
        try:
            return frame.open(min(_SECONDS_PER_TRY, left))
        except RelayFailed:
            continue
    return None
