"""Whether a picture keeps to the limits of its sides, before money is spent on it."""

from __future__ import annotations

from liveproof.facts import PixelLimits
from liveproof.files.sides import sides_of

PICTURE_BYTES = 5 * 1024 * 1024
"""The largest picture whose sides are limited. The sides may stand anywhere in it."""


def reason_to_refuse(picture: bytes, kind: str, limits: PixelLimits) -> str | None:
    """A code of `data/reasons.json`, or None for a picture that keeps to the limits.

    The limits are the same for both sides. So it makes no difference whether the picture is shown
    turned, as EXIF's orientation may say.

    Args:
        picture: the whole file.
        kind: the format, as `liveproof.files.formats.format_of` names it.
    """
    sides = sides_of(picture, kind)
    if sides is None:
        return "photo_unreadable"
    short, long = sorted(sides)
    if short < limits.min_side or long > limits.max_side[kind]:
        return "wrong_pixels"
    if limits.max_ratio is not None and long > short * limits.max_ratio:
        return "wrong_pixels"
    return None
