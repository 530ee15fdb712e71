"""Files on their way to a vendor as text, beside the bare libraries that do the same work.

`base64` is what a check sends inline; `senseid_form` is a form with one file, encrypted with
AES-256-GCM, in base64 and percent-encoded. The bare side has the file in memory and does each step
over the whole of it; ours reads it through the adapters' stream.
"""

from __future__ import annotations

import base64
import io
import json
import os
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.figure import BenchError, Figure
from liveproof.clouds.object_stream import ObjectStream
from liveproof.files.inline import base64_text
from liveproof.vendors.senseid.api import SenseId

MEGABYTE = 1_000_000
_SIZES = (1, 8)
_ROUNDS = {1: 25, 8: 9}
# At least 0.8 of the bare libraries' throughput, as times.
_SLOWEST = 1.25
_MOST_MEMORY = 3.0
_KEY, _IV = b"k" * 32, b"i" * 12
# Base64 in a form: the only characters that are not themselves.
_ESCAPES = ((b"+", b"%2B"), (b"/", b"%2F"), (b"=", b"%3D"))

Encode = Callable[[bytes], bytes | bytearray]


class _OneSecret:
    """The Secrets port over SenseID's key."""

    def get(self, name: str) -> bytes:
        return json.dumps({"key": _KEY.decode(), "iv": _IV.decode()}).encode()

    def refresh(self, name: str) -> bool:
        return False


def measure() -> Iterator[Figure]:
    """Time and peak memory per way and size.

    Raises:
        BenchError: the two sides made different text.
    """
    for name, ours, bare in WAYS:
        for megabytes in _SIZES:
            data = os.urandom(megabytes * MEGABYTE)
            require_same(ours, bare, data)
            yield _time(name, ours, bare, data)
            yield _peak(name, ours, data)


def require_same(ours: Encode, bare: Encode, data: bytes) -> None:
    """Raises BenchError unless both make the same of the data."""
    if ours(data) != bare(data):
        raise BenchError("the two sides made different text")


def _time(name: str, ours: Encode, bare: Encode, data: bytes) -> Figure:
    megabytes = len(data) // MEGABYTE
    taken: dict[Encode, list[float]] = {ours: [], bare: []}
    for _ in range(_ROUNDS[megabytes]):
        for encode, times in taken.items():
            started = time.perf_counter()
            encode(data)
            times.append((time.perf_counter() - started) * 1000)
    value, baseline = (statistics.median(times) for times in taken.values())
    return Figure(
        f"encoding.{name}_{megabytes}_mb",
        value,
        "ms",
        baseline,
        "the bare libraries over the whole file",
        _SLOWEST,
        {"mb_per_second": megabytes / value * 1000},
    )


def _peak(name: str, ours: Encode, data: bytes) -> Figure:
    """The most memory at once, the text itself included, above what was there before."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        ours(data)
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    return Figure(
        f"encoding.{name}_{len(data) // MEGABYTE}_mb_peak",
        peak,
        "bytes",
        len(data),
        "the file's size",
        _MOST_MEMORY,
    )


def _stream(data: bytes) -> ObjectStream:
    return ObjectStream(io.BytesIO(data), len(data), "etag", OSError)


def _own_base64(data: bytes) -> bytes:
    return base64_text(_stream(data)).encode("ascii")


def _bare_base64(data: bytes) -> bytes:
    return base64.b64encode(data).decode("ascii").encode("ascii")


def _own_form(data: bytes) -> bytearray:
    senseid = SenseId("http://senseid.invalid", _OneSecret(), "key")
    return senseid.form({"encrypted_video": _stream(data)}, {})


def _bare_form(data: bytes) -> bytes:
    text = base64.b64encode(AESGCM(_KEY).encrypt(_IV, data, None))
    for character, escape in _ESCAPES:
        text = text.replace(character, escape)
    return b"encrypted_video=" + text + b"&"


WAYS: tuple[tuple[str, Encode, Encode], ...] = (
    ("base64", _own_base64, _bare_base64),
    ("senseid_form", _own_form, _bare_form),
)
