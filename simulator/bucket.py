"""The bucket in memory, and the files that everybody uploads: small, and of the right formats."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from functools import cache

from liveproof import facts
from liveproof.bucket_versions import ObjectVersion
from liveproof.domain.requests import DeclaredInput
from liveproof.domain.verification import Proof
from liveproof.facts import InputFacts
from liveproof.ports import (
    ObjectMissing,
    ObjectReplaced,
    PresignedUpload,
    SecretUnusable,
    StoredObject,
)
from simulator.engine import Engine
from simulator.latency import Latencies
from simulator.meter import Meter


def _png(side: int) -> bytes:
    """A PNG as far as its header."""
    header = b"IHDR" + side.to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    checksum = zlib.crc32(header).to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + header + checksum


JPEG = b"\xff\xd8\xff\xe0 a best frame"

_CONTENTS = {
    "png": ("image/png", _png(640)),
    "gzip": ("application/gzip", b"\x1f\x8b\x08 a packet of light data"),
    "mp4": ("video/mp4", b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41"),
}
"""By format: the content type, and bytes that begin as a file of that format does."""


def _content(allowed: InputFacts) -> tuple[str, bytes]:
    """What is uploaded for an input. Raises LookupError for an input of other formats."""
    for kind, content in _CONTENTS.items():
        if kind in allowed.formats and content[0] in allowed.content_types:
            return content
    raise LookupError(f"no sample has one of the formats {', '.join(allowed.formats)}")


@cache
def contents(check: str) -> dict[str, bytes]:
    """The file of each input of a check."""
    return {name: _content(allowed)[1] for name, allowed in facts.checks()[check].inputs.items()}


@cache
def declarations(check: str) -> dict[str, DeclaredInput]:
    """How the files of a check are declared when a verification is created."""
    declared = {}
    for name, allowed in facts.checks()[check].inputs.items():
        content_type, body = _content(allowed)
        md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
        declared[name] = DeclaredInput(md5, len(body), content_type)
    return declared


class _Stream:
    """An object's bytes."""

    version: str | None = None
    content_encoding: str | None = None

    def __init__(self, body: bytes) -> None:
        self._left = body
        self.size = len(body)
        self.etag = hashlib.md5(body, usedforsecurity=False).hexdigest()

    def read(self, amount: int = -1) -> bytes:
        piece = self._left if amount < 0 else self._left[:amount]
        self._left = self._left[len(piece) :]
        return piece

    def __enter__(self) -> StoredObject:
        return self

    def __exit__(self, *exc: object) -> None:
        return None


class SimulatedBucket:
    """The Bucket port."""

    def __init__(self, engine: Engine, latencies: Latencies, meter: Meter) -> None:
        self._engine, self._latencies, self._meter = engine, latencies, meter
        self._objects: dict[str, bytes] = {}

    def upload(self, key: str, body: bytes) -> None:
        """An app's PUT, which takes no time: a verification begins when its files are there."""
        self._meter.operations["bucket_put"] += 1
        self._objects[key] = body

    def forget(self, key: str) -> None:
        """Drop an object that nobody reads any more."""
        self._objects.pop(key, None)

    def presign_put(
        self, key: str, md5: str, size: int, content_type: str, now: int, expires_at: int
    ) -> PresignedUpload:
        return PresignedUpload("PUT", key, {}, expires_at)

    def presign_get(self, key: str, proof: Proof | None, now: int, expires_at: int) -> str:
        return key

    def open(self, key: str, proof: Proof | None = None) -> StoredObject:
        self._meter.operations["bucket_get"] += 1
        self._engine.hold(self._latencies.sample("bucket_open"))
        body = self._objects.get(key)
        if body is None:
            raise ObjectMissing
        stream = _Stream(body)
        if proof is not None and proof.etag != stream.etag:
            raise ObjectReplaced
        return stream

    def put(self, key: str, body: bytes, content_type: str) -> None:
        self._meter.operations["bucket_put"] += 1
        self._engine.hold(self._latencies.sample("bucket_put"))

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        self._engine.hold(self._latencies.sample("bucket_open"))
        objects = list(self._objects.items())
        return (
            ObjectVersion(key, None, len(body)) for key, body in objects if key.startswith(prefix)
        )

    def delete(self, version: ObjectVersion) -> None:
        self._engine.hold(self._latencies.sample("bucket_put"))
        self.forget(version.key)


class SimulatedSecrets:
    """The Secrets port. Every secret is in the container's cache."""

    def __init__(self, values: dict[str, bytes]) -> None:
        self._values = values

    def get(self, name: str) -> bytes:
        value = self._values.get(name)
        if value is None:
            raise SecretUnusable(f"secret {name}: it has no value")
        return value

    def refresh(self, name: str) -> bool:
        return False
