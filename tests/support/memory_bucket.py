"""A bucket in memory, as `liveproof.ports.Bucket` promises it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from liveproof.bucket_versions import ObjectVersion
from liveproof.domain.verification import Proof
from liveproof.ports import (
    ObjectMissing,
    ObjectReplaced,
    PresignedUpload,
    StoredObject,
)
from tests.support.crash_points import CrashPoints


class MemoryStream:
    """An object's bytes."""

    def __init__(
        self,
        body: bytes,
        reads: list[int] | None = None,
        etag: str = "",
        content_encoding: str | None = None,
    ) -> None:
        self._left = body
        self._reads = [] if reads is None else reads
        self.size = len(body)
        self.etag = etag
        self.version: str | None = None
        self.content_encoding = content_encoding

    def read(self, amount: int = -1) -> bytes:
        self._reads.append(amount)
        taken = self._left if amount < 0 else self._left[:amount]
        self._left = self._left[len(taken) :]
        return taken

    def __enter__(self) -> StoredObject:
        return self

    def __exit__(self, *exc: object) -> None:
        self._left = b""


class MemoryBucket:
    """Objects with the ETag that a plain upload gets, or another one that a test sets.

    Attributes:
        encodings: the Content-Encoding of objects that have one.
        failures: what opening a key raises.
        reads: how much each read of an object asked for.
    """

    def __init__(self, crash_points: CrashPoints | None = None) -> None:
        self._crash_points = crash_points or CrashPoints()
        self.objects: dict[str, bytes] = {}
        self.etags: dict[str, str] = {}
        self.encodings: dict[str, str] = {}
        self.failures: dict[str, Exception] = {}
        self.reads: list[int] = []

    def presign_put(
        self, key: str, md5: str, size: int, content_type: str, now: int, expires_at: int
    ) -> PresignedUpload:
        with self._crash_points.around("bucket.presign_put"):
            headers = {
                "Content-MD5": base64.b64encode(bytes.fromhex(md5)).decode(),
                "Content-Length": str(size),
                "Content-Type": content_type,
                "If-None-Match": "*",
            }
            return PresignedUpload("PUT", f"memory:{key}?signature=x", headers, expires_at)

    def presign_get(self, key: str, proof: Proof | None, now: int, expires_at: int) -> str:
        return f"memory:{key}?signature=x"

    def open(self, key: str, proof: Proof | None = None) -> StoredObject:
        with self._crash_points.around("bucket.open"):
            if key in self.failures:
                raise self.failures[key]
            if key not in self.objects:
                raise ObjectMissing
            body = self.objects[key]
            etag = self.etags.get(key) or hashlib.md5(body, usedforsecurity=False).hexdigest()
            if proof is not None and proof.etag not in ("", etag):
                raise ObjectReplaced
            return MemoryStream(body, self.reads, etag, self.encodings.get(key))

    def put(self, key: str, body: bytes, content_type: str) -> None:
        with self._crash_points.around("bucket.put"):
            self.objects[key] = body

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        with self._crash_points.around("bucket.versions"):
            return iter(
                [
                    ObjectVersion(key, None, len(body))
                    for key, body in sorted(self.objects.items())
                    if key.startswith(prefix)
                ]
            )

    def delete(self, version: ObjectVersion) -> None:
        with self._crash_points.around("bucket.delete"):
            self.objects.pop(version.key, None)
