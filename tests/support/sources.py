"""Files as a check's sources."""

from __future__ import annotations

from functools import partial

from liveproof.ports import Source
from tests.support.deployment import md5_of
from tests.support.memory_bucket import MemoryStream


def source(body: bytes) -> Source:
    """A proven input with these bytes."""
    return Source("uploads/key", md5_of(body), len(body), partial(MemoryStream, body))


def sources(**files: bytes) -> dict[str, Source]:
    """Proven inputs by their names."""
    return {name: source(body) for name, body in files.items()}
