"""Why uploaded bytes are refused: size, MD5, format, pixels; none of it costs money."""

from __future__ import annotations

import hashlib

from liveproof import facts
from liveproof.domain.verification import Verification
from liveproof.files.inspection import bytes_looked_at, inspect
from liveproof.ports import Bucket, ObjectHead

_CHUNK = 256 * 1024


class UploadRefused(Exception):
    """The stored bytes cannot be used.

    Attributes:
        reason: why, a code of `data/reasons.json`.
        kind: what kind of file they are; None where nobody looked.
    """

    def __init__(self, reason: str, kind: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind


def prove(bucket: Bucket, verification: Verification, name: str, key: str) -> None:
    """Hold the object under `key` to what was declared of input `name`, and to what it takes.

    Raises:
        UploadRefused: the bytes are not the declared ones, or not what the check takes.
        ObjectMissing: nothing lies under the key.
    """
    declared = verification.inputs[name]
    allowed = facts.checks()[verification.check].inputs[name]
    head = bucket.head(key)
    if head.size != declared.size:
        raise UploadRefused("wrong_size")
    first_bytes = _proven_first_bytes(bucket, head, key, declared.md5, bytes_looked_at(allowed))
    if first_bytes is None:
        raise UploadRefused("wrong_md5")
    kind, reason = inspect(first_bytes, allowed)
    if reason is not None:
        raise UploadRefused(reason, kind)


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
