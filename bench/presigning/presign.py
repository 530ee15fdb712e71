"""Presigned PUT URLs on both clouds, beside what the cloud's own SDK makes."""

from __future__ import annotations

from collections.abc import Iterator

from bench.figure import Figure
from bench.presigning import presign_cos, presign_s3


def measure() -> Iterator[Figure]:
    """Warm and cold, for S3 and for COS.

    Raises:
        BenchError: the two sides of a comparison sign different headers.
    """
    yield from presign_s3.measure()
    yield from presign_cos.measure()
