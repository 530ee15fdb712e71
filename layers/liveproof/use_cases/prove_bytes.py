"""Proving uploaded bytes in one read: size, MD5, format, pixels; before anything is paid for."""

from __future__ import annotations

import hashlib

from msgspec.structs import replace

from liveproof import facts
from liveproof.domain.verification import Input, Proof, Verification
from liveproof.files.inspection import bytes_needed, inspect
from liveproof.ports import Bucket, ObjectUnreadable, StoredObject

_CHUNK = 256 * 1024


class UploadRefused(Exception):
    """The stored bytes cannot be used.

    Attributes:
        reason: why, a code of `data/reasons.json`.
        kind: the kind of file that was recognised; None where the format was not looked at.
    """

    def __init__(self, reason: str, kind: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind


def prove(bucket: Bucket, verification: Verification, name: str, key: str) -> Proof:
    """Read the object under `key` once, and hold it to what was declared of input `name`.

    Returns:
        What every later read of the object is held to.

    Raises:
        UploadRefused: the bytes are not the declared ones, or not what the check takes.
        ObjectMissing: nothing lies under the key.
    """
    declared = verification.inputs[name]
    allowed = facts.checks()[verification.check].inputs[name]
    try:
        with bucket.open(key) as stored:
            proof, first_bytes = _read(stored, declared, bytes_needed(allowed))
    except ObjectUnreadable:
        raise UploadRefused("upload_unreadable") from None
    kind, reason = inspect(first_bytes, allowed)
    if reason is not None:
        raise UploadRefused(reason, kind)
    return replace(proof, format=kind)


def _read(stored: StoredObject, declared: Input, head_bytes: int) -> tuple[Proof, bytes]:
    """The proof and the first bytes, once size, headers and MD5 are as declared."""
    if stored.size != declared.size:
        raise UploadRefused("wrong_size")
    if stored.content_encoding is not None:
        # An ordinary HTTP client would decode the object, and get other bytes than were proven.
        raise UploadRefused("wrong_headers")
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    first = bytearray()
    while chunk := stored.read(_CHUNK):
        md5.update(chunk)
        sha256.update(chunk)
        if len(first) < head_bytes:
            first += chunk[: head_bytes - len(first)]
    if md5.hexdigest() != declared.md5:
        raise UploadRefused("wrong_md5")
    return Proof(sha256=sha256.hexdigest(), etag=stored.etag, version=stored.version), bytes(first)
