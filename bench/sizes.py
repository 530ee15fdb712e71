"""What a deployment uploads: each zip that `make package` builds, beside the layer's limit."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from bench.figure import BenchError, Figure
from local.aws import package

_LIMIT = 10_000_000
# Lambda's own; in the layer they would be most of its bytes.
_FORBIDDEN = {"boto3", "botocore", "s3transfer"}


def measure() -> Iterator[Figure]:
    """One figure per zip, the layer's first.

    Raises:
        BenchError: boto3 is inside one of them, or there is no layer.
    """
    archives = sorted(package.package().glob("*.zip"), key=lambda each: -each.stat().st_size)
    if "liveproof" not in {each.stem for each in archives}:
        raise BenchError("make package built no layer")
    for each in archives:
        goal = 1.0 if each.stem == "liveproof" else None
        subject = "layer" if each.stem == "liveproof" else each.stem
        unpacked = _unpacked_bytes(each)
        yield Figure(
            f"sizes.{subject}",
            each.stat().st_size,
            "bytes",
            _LIMIT,
            "10 MB, the layer's limit",
            goal,
            {"unpacked_bytes": unpacked},
        )


def _unpacked_bytes(archive: Path) -> int:
    with zipfile.ZipFile(archive) as opened:
        entries = opened.infolist()
    for entry in entries:
        forbidden = _FORBIDDEN.intersection(Path(entry.filename).parts)
        if forbidden:
            raise BenchError(f"{archive.name} holds {entry.filename}")
    return sum(entry.file_size for entry in entries)
