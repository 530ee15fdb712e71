"""Why uploaded bytes are refused: size, MD5, format, pixels; none of it costs money."""

from __future__ import annotations

import hashlib

from liveproof import facts
from liveproof.domain.verification import Verification
from liveproof.files import pixels
from liveproof.files.formats import HEAD_BYTES, format_of
from liveproof.ports import Bucket, ObjectHead

_CHUNK = 256 * 1024


def reason_to_refuse(bucket: Bucket, verification: Verification, name: str, key: str) -> str | None:
    """A code of `data/reasons.json`, or None for bytes that are the declared ones and usable.

    Raises:
        ObjectMissing: nothing lies under the key.
    """
    declared = verification.inputs[name]
    allowed = facts.checks()[verification.check].inputs[name]
    head = bucket.head(key)
    if head.size != declared.size:
        return "wrong_size"
    wanted = HEAD_BYTES if allowed.pixels is None else pixels.HEADER_BYTES
    first_bytes = _proven_first_bytes(bucket, head, key, declared.md5, wanted)
    if first_bytes is None:
        return "wrong_md5"
    kind = format_of(first_bytes[:HEAD_BYTES])
    if kind not in allowed.formats:
        return "wrong_format"
    if allowed.pixels is not None and not pixels.fits(first_bytes, kind, allowed.pixels):
        return "wrong_pixels"
    return None


def _proven_first_bytes(
    bucket: Bucket, head: ObjectHead, key: str, md5: str, wanted: int
) -> bytes | None:
    """The first bytes of the object, None when its MD5 is not the declared one.

    An ETag that equals the declared MD5 is proof: the bucket computed it over the bytes. Any other
    ETag (another encryption, several parts) says nothing, so the bytes are streamed and hashed.
    """
    first = bytearray()
    if head.etag.lower() == md5:
        with bucket.open(key, first_bytes=wanted) as stream:
            while len(first) < wanted and (chunk := stream.read(wanted - len(first))):
                first += chunk
        return bytes(first)
    digest = hashlib.md5(usedforsecurity=False)
    with bucket.open(key) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            if len(first) < wanted:
                first += chunk[: wanted - len(first)]
    return bytes(first) if digest.hexdigest() == md5 else None
