"""Whether a file is one that an input takes, by its kind and its pixels."""

from __future__ import annotations

from typing import NamedTuple

from liveproof.facts import InputFacts
from liveproof.files import pixels
from liveproof.files.formats import HEAD_BYTES, format_of


class Finding(NamedTuple):
    """What a file is found to be.

    Attributes:
        kind: its format, as `liveproof.files.formats.format_of` names it, whatever was declared.
        reason: why the input does not take it, a code of `data/reasons.json`; None if it does.
    """

    kind: str
    reason: str | None


def bytes_looked_at(allowed: InputFacts) -> int:
    """How many of a file's first bytes `inspect` needs: all of a picture with limited sides."""
    return HEAD_BYTES if allowed.pixels is None else pixels.PICTURE_BYTES


def inspect(first_bytes: bytes, allowed: InputFacts) -> Finding:
    """What the file is, and whether the input takes it.

    Args:
        first_bytes: `bytes_looked_at(allowed)` of them, fewer only if the file has no more.
    """
    kind = format_of(first_bytes[:HEAD_BYTES])
    if kind not in allowed.formats:
        return Finding(kind, "wrong_format")
    if allowed.pixels is None:
        return Finding(kind, None)
    return Finding(kind, pixels.reason_to_refuse(first_bytes, kind, allowed.pixels))
