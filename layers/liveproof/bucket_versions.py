"""The part of the Bucket port that deletes: only the step `erase` uses it, and may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from liveproof.ports import Bucket


class ObjectVersion(NamedTuple):
    """An object, one version of it, or the mark that a deletion left in a bucket with versions.

    Attributes:
        version: as the bucket names it; None where it has no versions.
        size: in bytes; 0 for a mark.
    """

    key: str
    version: str | None
    size: int


class ErasableBucket(Bucket, Protocol):
    """The deployment's bucket, with everything that lies in it."""

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        """Everything under a prefix: each object, each version of it and each mark."""

    def delete(self, version: ObjectVersion) -> None:
        """Delete it for good. What is gone already is no error."""
