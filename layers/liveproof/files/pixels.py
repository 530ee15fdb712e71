"""Whether a picture's width and height are within the limits of its input."""

from __future__ import annotations

from liveproof.facts import PixelLimits
from liveproof.files.sides import read_sides

PICTURE_BYTES = 5 * 1024 * 1024
"""The largest picture whose sides are limited. The sides may stand anywhere in it."""


def rejection_reason(picture: bytes, kind: str, limits: PixelLimits) -> str | None:
    """Why a picture is refused, a code of `data/reasons.json`; None if it is within the limits.

    The limits are the same for both sides, so an orientation in EXIF makes no difference.

    Args:
        picture: the whole file.
        kind: the format, as `liveproof.files.formats.detect_format` names it.
    """
    sides = read_sides(picture, kind)
    if sides is None:
        return "photo_unreadable"
    short, long = sorted(sides)
    if short < limits.min_side or long > limits.max_side[kind]:
        return "wrong_pixels"
    if limits.max_ratio is not None and long > short * limits.max_ratio:
        return "wrong_pixels"
    return None
