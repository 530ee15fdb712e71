"""Proving uploaded bytes: size, MD5, format, pixels; none of it costs money."""

from __future__ import annotations

import hashlib

from liveproof import facts
from liveproof.domain.verification import Input, Proof, Verification
from liveproof.facts import InputFacts
from liveproof.files import pixels
from liveproof.files.formats import HEAD_BYTES, format_of
from liveproof.ports import Bucket, ObjectUnreadable, StoredObject

_CHUNK = 256 * 1024


class UploadRefused(Exception):
    """The stored bytes cannot be used.

    Attributes:
        reason: why, a code of `data/reasons.json`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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
            proof, first_bytes = _read(stored, declared, _wanted(allowed))
    except ObjectUnreadable:
        raise UploadRefused("upload_unreadable") from None
    _require_usable(first_bytes, allowed)
    return proof


def _read(stored: StoredObject, declared: Input, wanted: int) -> tuple[Proof, bytes]:
    """The proof and the first bytes, once size, headers and MD5 are as declared."""
    if stored.size != declared.size:
        raise UploadRefused("wrong_size")
    if stored.content_encoding is not None:
        # An ordinary client that fetches the object would undo it, and get other bytes than these.
        raise UploadRefused("wrong_headers")
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    first = bytearray()
    while chunk := stored.read(_CHUNK):
        md5.update(chunk)
        sha256.update(chunk)
        if len(first) < wanted:
            first += chunk[: wanted - len(first)]
    if md5.hexdigest() != declared.md5:
        raise UploadRefused("wrong_md5")
    return Proof(sha256=sha256.hexdigest(), etag=stored.etag, version=stored.version), bytes(first)


def _wanted(allowed: InputFacts) -> int:
    """How many of a file's first bytes `_require_usable` looks at."""
    return HEAD_BYTES if allowed.pixels is None else pixels.HEADER_BYTES


def _require_usable(first_bytes: bytes, allowed: InputFacts) -> None:
    kind = format_of(first_bytes[:HEAD_BYTES])
    if kind not in allowed.formats:
        raise UploadRefused("wrong_format")
    if allowed.pixels is not None and not pixels.fits(first_bytes, kind, allowed.pixels):
        raise UploadRefused("wrong_pixels")
