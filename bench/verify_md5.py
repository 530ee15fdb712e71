"""Proving an upload by streaming it: time beside the bare digests, and memory that does not grow.

Every byte goes through the verify_upload use case. The bytes come from a file through the
adapters' own stream; the record is kept in memory.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from bench.figure import BenchError, Figure
from bench.in_memory import FileBucket, bag_for, declared
from liveproof import observability
from liveproof.domain.verification import InputState
from liveproof.use_cases.verify_upload import object_created
from tools import BUILD

MEGABYTE = 1_000_000
_SIZES = (1, 50)
_ROUNDS = {1: 25, 50: 5}
_GROWTH = 1.5


def measure() -> Iterator[Figure]:
    """Time per size, then the peak for the large file beside the small one's.

    Raises:
        BenchError: the use case did not prove the bytes.
    """
    observability.logger.setLevel("WARNING")  # its lines go where the figures go
    folder = BUILD / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    peaks = {}
    for megabytes in _SIZES:
        path = folder / f"{megabytes}mb.bin"
        # The first bytes say gzip, which the check's `live_data` has to be.
        path.write_bytes(b"\x1f\x8b" + os.urandom(megabytes * MEGABYTE - 2))
        try:
            yield _time(path, megabytes)
            peaks[megabytes] = _peak(path)
        finally:
            path.unlink()
    small, large = _SIZES
    yield Figure(
        f"verify_md5.peak_{large}_mb",
        peaks[large],
        "bytes",
        peaks[small],
        f"the peak for {small} MB",
        _GROWTH,
    )


def _time(path: Path, megabytes: int) -> Figure:
    data = path.read_bytes()
    proving, bare = [], []
    for _ in range(_ROUNDS[megabytes]):
        started = time.perf_counter()
        digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
        hashlib.sha256(data).hexdigest()
        bare.append((time.perf_counter() - started) * 1000)
        proving.append(_prove(path, digest))
    return Figure(
        f"verify_md5.{megabytes}_mb",
        statistics.median(proving),
        "ms",
        statistics.median(bare),
        "hashlib.md5 and sha256 of the same bytes in memory",
    )


def _peak(path: Path) -> int:
    """The most memory that proving a file takes at once, above what was there before."""
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        _prove(path, digest)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def _prove(path: Path, md5: str) -> float:
    """Milliseconds that the use case takes for the bucket's event."""
    verification, key = declared(md5, path.stat().st_size)
    bag = bag_for(verification, FileBucket(path))
    started = time.perf_counter()
    object_created(bag, key)
    taken = (time.perf_counter() - started) * 1000
    stored = bag.records.load(verification.id)
    if stored is None or stored.inputs["live_data"].state is not InputState.PROVEN:
        raise BenchError("verify_upload did not prove the bytes")
    return taken
