"""What a deployment uploads: each zip that `make package` builds, beside the limit of its kind."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from bench.figure import BenchError, Figure
from tools.packaging.aws import template as aws
from tools.packaging.tencent import zips as tencent

_LAYER = "liveproof"
_LAYER_LIMIT = 8_000_000
# For operators' commands and tests: no function imports them.
_FORBIDDEN = {"boto3", "botocore", "s3transfer"}


def measure() -> Iterator[Figure]:
    """One figure per zip, the layer's first.

    Raises:
        BenchError: boto3 is inside one of them, or there is no layer.
    """
    yield from _aws(aws.package())
    yield from _tencent(tencent.package())


def _aws(folder: Path) -> Iterator[Figure]:
    archives = sorted(folder.glob("*.zip"), key=lambda archive: -archive.stat().st_size)
    if _LAYER not in {archive.stem for archive in archives}:
        raise BenchError("make package built no layer")
    for archive in archives:
        baseline = "8 MB, the layer's limit"
        if archive.stem == _LAYER:
            yield _figure("aws.layer", archive, _LAYER_LIMIT, baseline, 1.0)
        else:
            # Logical names in the template; the same function is called the same on both clouds.
            name = re.sub(r"(?=[A-Z])", "_", archive.stem).lower()
            yield _figure(f"aws.{name}", archive, _LAYER_LIMIT, baseline, None)


def _tencent(folder: Path) -> Iterator[Figure]:
    built = json.loads((folder / tencent.MANIFEST).read_text(encoding="utf-8"))
    for name, about in sorted(built.items()):
        archive = folder / about["zip"]
        baseline = "6 MB, a zip's limit"
        yield _figure(f"tencent.{name}", archive, tencent.MAX_ZIP_BYTES, baseline, 1.0)


def _figure(name: str, archive: Path, limit: int, baseline: str, at_most: float | None) -> Figure:
    extra = contents(archive)
    size = archive.stat().st_size
    return Figure(f"sizes.{name}", size, "bytes", limit, baseline, at_most, dict(extra))


def contents(archive: Path) -> dict[str, int]:
    """The bytes of an unpacked zip, and how many files of bytecode are among it.

    Raises:
        BenchError: boto3 is in it.
    """
    with zipfile.ZipFile(archive) as opened:
        entries = opened.infolist()
    for entry in entries:
        forbidden = _FORBIDDEN.intersection(Path(entry.filename).parts)
        if forbidden:
            raise BenchError(f"{archive.name} holds {entry.filename}")
    return {
        "unpacked_bytes": sum(entry.file_size for entry in entries),
        "bytecode_files": sum(entry.filename.endswith(".pyc") for entry in entries),
    }
