"""Uploads in the bucket: their keys, the URLs for them, and reading those that are proven."""

from __future__ import annotations

import re
from functools import partial

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.erasure_transitions import URL_LIFETIME_MS
from liveproof.domain.ids import capture_token, is_verification_id
from liveproof.domain.states import Status
from liveproof.domain.verification import Input, InputState, Verification
from liveproof.files.proven import ProvenStream
from liveproof.observability import Event, Metric
from liveproof.ports import (
    Bucket,
    ObjectMissing,
    ObjectReplaced,
    ObjectStream,
    ObjectUnreadable,
    PresignedUpload,
    Source,
)

UPLOADS_PREFIX = "uploads"
NOBODY = "ver_" + "0" * 26
"""An id that no verification has, for probes: it would be of the year 1970."""

_PROBE_KEY = re.compile(rf"{UPLOADS_PREFIX}/{NOBODY}/doctor/([0-9a-f]{{32}})")


def new_key(verification_id: str, name: str) -> str:
    """A fresh object key for one capture of an input."""
    return f"{uploads_prefix(verification_id)}{name}/{capture_token()}"


def uploads_prefix(verification_id: str) -> str:
    """What the keys of a verification's uploads begin with."""
    return f"{UPLOADS_PREFIX}/{verification_id}/"


def key_owner(key: str) -> tuple[str, str] | None:
    """The verification's id and the input's name that a key was issued for, None for others."""
    parts = key.split("/")
    if len(parts) != 4 or parts[0] != UPLOADS_PREFIX or not is_verification_id(parts[1]):
        return None
    return parts[1], parts[2]


def probe_key(token: str) -> str:
    """The key of a probe's object, which belongs to no verification.

    Args:
        token: 32 hex digits.
    """
    return f"{UPLOADS_PREFIX}/{NOBODY}/doctor/{token}"


def probe_token(key: str) -> str | None:
    """The token in a probe's key, None for other keys."""
    match = _PROBE_KEY.fullmatch(key)
    return None if match is None else match[1]


def presign_missing(
    dependencies: Dependencies, verification: Verification
) -> dict[str, PresignedUpload]:
    """URLs for the newest key of every missing input; none once uploads are no longer awaited.

    A URL lives for fifteen minutes, or until the verification expires if that is sooner.
    """
    now = dependencies.clock.now()
    if verification.status is not Status.AWAITING_UPLOAD or verification.expires_at <= now:
        return {}
    expires_at = min(verification.expires_at, now + URL_LIFETIME_MS)
    return {
        name: dependencies.bucket.presign_put(
            declared.keys[-1], declared.md5, declared.size, declared.content_type, now, expires_at
        )
        for name, declared in verification.inputs.items()
        if declared.state is InputState.MISSING
    }


def proven_sources(bucket: Bucket, verification: Verification) -> dict[str, Source]:
    """Where a check reads its inputs. Raises ValueError for an input that is not proven."""
    sources = {}
    for name, declared in verification.inputs.items():
        if declared.state is not InputState.PROVEN or declared.proven_key is None:
            raise ValueError(f"input {name} of {verification.id} is not proven")
        key = declared.proven_key
        open_proven = partial(_open, bucket, key, declared)
        sources[name] = Source(key, declared.md5, declared.size, open_proven, declared.proof)
    return sources


def _open(bucket: Bucket, key: str, declared: Input) -> ObjectStream:
    stream = bucket.open(key, declared.proof)
    try:
        return ProvenStream(stream, declared)
    except ObjectReplaced:
        stream.__exit__()
        raise


def reason_of_loss(
    lost: ObjectMissing | ObjectReplaced | ObjectUnreadable, verification_id: str
) -> str:
    """The reason, a code of `reasons.json`, for which a proven file can no longer be read.

    A replaced file is also logged and counted, which rings an alarm.
    """
    if isinstance(lost, ObjectReplaced):
        observability.record(Event.UPLOAD_REPLACED, verification=verification_id)
        observability.count(Metric.UPLOAD_REPLACED)
        return "upload_replaced"
    return "uploads_gone" if isinstance(lost, ObjectMissing) else "upload_unreadable"
