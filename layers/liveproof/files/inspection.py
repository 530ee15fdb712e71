"""Whether an input accepts a file, by its format and its pixels."""

from __future__ import annotations

from typing import NamedTuple

from liveproof.facts import InputFacts
from liveproof.files import pixels
from liveproof.files.formats import HEAD_BYTES, detect_format


class Finding(NamedTuple):
    """The result of an inspection.

    Attributes:
        kind: its format, as `liveproof.files.formats.detect_format` names it, whatever was
            declared.
        reason: why the input refuses it, a code of `data/reasons.json`; None if it accepts it.
    """

    kind: str
    reason: str | None


def bytes_needed(allowed: InputFacts) -> int:
    """How many of a file's first bytes `inspect` needs: all, for a picture with limited sides."""
    return HEAD_BYTES if allowed.pixels is None else pixels.PICTURE_BYTES


def inspect(first_bytes: bytes, allowed: InputFacts) -> Finding:
    """The format of a file, and whether the input accepts it.

    Args:
        first_bytes: `bytes_needed(allowed)` of them, fewer only if the file is shorter.
    """
    kind = detect_format(first_bytes[:HEAD_BYTES])
    if kind not in allowed.formats:
        return Finding(kind, "wrong_format")
    if allowed.pixels is None:
        return Finding(kind, None)
    return Finding(kind, pixels.rejection_reason(first_bytes, kind, allowed.pixels))
