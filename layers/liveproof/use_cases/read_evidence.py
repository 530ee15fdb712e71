"""The evidence of a decision by short-lived URLs: the signed manifest, and the best frames."""

from __future__ import annotations

from typing import NamedTuple

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification
from liveproof.evidence.objects import MANIFEST_NAME, MANIFEST_TYPE, manifest_key
from liveproof.observability import Event
from liveproof.ports import ObjectMissing
from liveproof.use_cases.errors import Erased, EvidenceExpired, NotDecided
from liveproof.use_cases.find_verification import find_verification

URL_LIFETIME_MS = 5 * 60 * 1000


class Link(NamedTuple):
    """A file of the evidence: its name, where to GET it, and what its bytes are.

    Attributes:
        md5, sha256: hex digits; None where the record has none.
        size: in bytes; None for the manifest.
    """

    name: str
    url: str
    content_type: str
    md5: str | None
    sha256: str | None
    size: int | None


class EvidenceLinks(NamedTuple):
    """The evidence of a verification.

    Attributes:
        manifest: None where there is none, or not yet.
        manifest_missing: why: `not_yet`, `no_key`, `older_version`.
        frames_missing: why some or all frames are not there.
        expires_at: until when the URLs are valid (ms since 1970).
    """

    verification: Verification
    manifest: Link | None
    manifest_missing: str | None
    frames: list[Link]
    frames_missing: str | None
    expires_at: int


def read_evidence(
    dependencies: Dependencies, client_name: str, verification_id: str
) -> EvidenceLinks:
    """URLs of a decided verification's evidence.

    Raises:
        NotFound: no such verification of this client.
        Erased: it is erased, or is being erased.
        NotDecided: there is no decision yet.
        EvidenceExpired: the bucket has deleted it.
    """
    verification = find_verification(dependencies, client_name, verification_id)
    if verification.erasure is not None:
        raise Erased("its files and personal fields are deleted")
    if verification.status is not Status.DECIDED:
        raise NotDecided(f"there is no decision yet: it is {verification.status.value}")
    now = dependencies.clock.now()
    expires_at = now + URL_LIFETIME_MS

    def link(name: str, key: str, content_type: str, **facts: object) -> Link:
        url = dependencies.bucket.presign_get(key, None, now, expires_at)
        return Link(name, url, content_type, **facts)  # type: ignore[arg-type]

    frames = [
        link(
            frame.key.rpartition("/")[2],
            frame.key,
            "image/jpeg",
            md5=frame.md5,
            sha256=frame.sha256 or None,
            size=frame.size,
        )
        for frame in (verification.evidence.frames if verification.evidence else ())
    ]
    manifest, missing = None, _why_there_is_no_manifest(verification)
    if missing is None and verification.manifest is not None:
        key = manifest_key(verification)
        _require_object(dependencies, key)
        manifest = link(
            MANIFEST_NAME,
            key,
            MANIFEST_TYPE,
            md5=None,
            sha256=verification.manifest.sha256,
            size=None,
        )
    elif frames and verification.evidence is not None:
        _require_object(dependencies, verification.evidence.frames[0].key)
    observability.record(
        Event.EVIDENCE_READ, verification=verification.id, client=client_name, frames=len(frames)
    )
    frames_missing = verification.evidence.missing if verification.evidence else None
    return EvidenceLinks(verification, manifest, missing, frames, frames_missing, expires_at)


def _require_object(dependencies: Dependencies, key: str) -> None:
    """Raises EvidenceExpired: the bucket's rule has deleted it."""
    try:
        dependencies.bucket.open(key).__exit__()
    except ObjectMissing:
        raise EvidenceExpired("the bucket has deleted it: its retention time is over") from None


def _why_there_is_no_manifest(verification: Verification) -> str | None:
    manifest = verification.manifest
    if manifest is not None:
        return manifest.missing
    return "not_yet" if verification.due_at is not None else "older_version"
