"""A picture's sides, from its header, before money is spent on it."""

from __future__ import annotations

import io

from liveproof.facts import Pixels

HEADER_BYTES = 256 * 1024
"""Enough for a JPEG's metadata before the segment that holds its sides."""


def fits(head: bytes, kind: str, limits: Pixels) -> bool:
    """Whether the picture that begins with `head` keeps to the limits.

    A picture whose header tells no sides within `HEADER_BYTES` is left to the vendor to refuse.

    Args:
        kind: the format, as `liveproof.files.formats.format_of` names it.
    """
    import imagesize

    width, height = imagesize.get(io.BytesIO(head))
    if width <= 0 or height <= 0:
        return True
    short, long = sorted((width, height))
    if short < limits.min_side or long > limits.max_side[kind]:
        return False
    return limits.max_ratio is None or long <= short * limits.max_ratio
