"""Limits of a picture's sides: real files of every format; what cannot be read does not fit."""

from __future__ import annotations

import os
import struct

import pytest

from liveproof import facts
from liveproof.facts import PixelLimits
from liveproof.files.formats import HEAD_BYTES, detect_format
from liveproof.files.pixels import PICTURE_BYTES, rejection_reason
from tests.support.pictures import (
    bmp_from_the_top,
    bmp_of_os2,
    jpeg_with,
    picture,
    segment,
    tiff_with_directory_at_the_end,
)

LIMITS = PixelLimits(
    min_side=64,
    max_side={"jpeg": 400, "png": 200, "bmp": 200, "gif": 200, "tiff": 200},
    max_ratio=3,
)
FORMATS = sorted(LIMITS.max_side)


def judged(body: bytes, kind: str, limits: PixelLimits = LIMITS) -> str | None:
    assert detect_format(body[:HEAD_BYTES]) == kind
    return rejection_reason(body, kind, limits)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_sides_may_be_as_long_and_as_short_as_the_limits(kind: str) -> None:
    longest = LIMITS.max_side[kind]

    for width, height in [(longest, longest), (64, 64), (64, 192), (192, 64)]:
        assert judged(picture(kind, width, height), kind) is None
    for width, height in [(longest + 1, 150), (150, longest + 1), (63, 64), (64, 63), (64, 193)]:
        assert judged(picture(kind, width, height), kind) == "wrong_pixels", (width, height)


@pytest.mark.parametrize("kind", FORMATS)
def test_without_a_ratio_a_strip_is_taken(kind: str) -> None:
    free = PixelLimits(min_side=8, max_side=dict.fromkeys(FORMATS, 500), max_ratio=None)

    assert judged(picture(kind, 8, 500), kind, free) is None
    assert judged(picture(kind, 7, 500), kind, free) == "wrong_pixels"


@pytest.mark.parametrize("turned", [1, 3, 6, 8])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_is_measured_whichever_way_it_is_to_be_turned(
    progressive: bool, turned: int
) -> None:
    tags = struct.pack("<6s2sHLHHHLLL", b"Exif\0\0", b"II", 42, 8, 1, 274, 3, 1, turned, 0)
    exif = {"exif": tags}

    assert judged(picture("jpeg", 300, 100, progressive=progressive, **exif), "jpeg") is None
    large = picture("jpeg", 100, 401, progressive=progressive, **exif)
    assert judged(large, "jpeg") == "wrong_pixels"


def test_sides_after_a_large_camera_header_are_read_and_not_assumed_to_fit() -> None:
    """256 KiB of metadata hid the sides once: too many pixels then cost a call."""
    thumbnail = b"Exif\0\0" + picture("jpeg", 160, 120)
    depth_map = [segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + os.urandom(60_000))] * 15
    profiles = [segment(0xE2, b"ICC_PROFILE\0" + os.urandom(60_000))] * 10
    pictures = [segment(0xE2, b"MPF\0" + os.urandom(40_000))] * 10
    header = [segment(0xE1, thumbnail), *depth_map, *profiles, *pictures]
    fitting = jpeg_with(picture("jpeg", 300, 400), *header)
    large = jpeg_with(picture("jpeg", 300, 401), *header)

    assert len(fitting) > 1_800_000
    assert judged(fitting, "jpeg") is None
    assert judged(large, "jpeg") == "wrong_pixels"


def test_a_motion_photo_is_measured_by_its_picture_and_not_by_its_film() -> None:
    film = struct.pack(">L", 24) + b"ftypmp42" + bytes(2_000_000)

    assert judged(picture("jpeg", 300, 400) + film, "jpeg") is None
    assert judged(picture("jpeg", 300, 401) + film, "jpeg") == "wrong_pixels"


def test_a_tiff_that_describes_itself_at_its_end_is_measured() -> None:
    fitting, large = (tiff_with_directory_at_the_end(side, 200) for side in (200, 201))

    assert struct.unpack("<L", large[4:8])[0] > 120_000
    assert judged(fitting, "tiff") is None
    assert judged(large, "tiff") == "wrong_pixels"


@pytest.mark.parametrize("header", [12, 16, 64])
def test_a_bmp_of_os2_is_measured_by_its_own_header(header: int) -> None:
    """16-bit sides, read as 32-bit ones, were millions of pixels: the picture was refused."""
    assert judged(bmp_of_os2(200, 150, header), "bmp") is None
    assert judged(bmp_of_os2(201, 150, header), "bmp") == "wrong_pixels"
    assert judged(bmp_of_os2(150, 201, header), "bmp") == "wrong_pixels"


def test_a_bmp_that_is_stored_from_the_top_is_measured() -> None:
    assert judged(bmp_from_the_top(150, 200), "bmp") is None
    assert judged(bmp_from_the_top(150, 201), "bmp") == "wrong_pixels"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_that_is_cut_off_before_its_sides_does_not_fit(kind: str) -> None:
    whole = picture(kind, 100, 100)

    assert rejection_reason(whole, kind, LIMITS) is None
    assert rejection_reason(whole[:8], kind, LIMITS) == "photo_unreadable"


def test_every_format_that_an_input_takes_has_its_longest_side_and_a_reader() -> None:
    inputs = [one for check in facts.checks().values() for one in check.inputs.values()]
    limited = [(one.pixels, one.formats) for one in inputs if one.pixels is not None]

    assert limited
    for pixels, formats in limited:
        assert set(pixels.max_side) == set(formats)
        for kind in formats:
            assert judged(picture(kind, 100, 100), kind, pixels) is None


def test_the_whole_of_every_picture_with_limited_sides_is_looked_at() -> None:
    inputs = [one for check in facts.checks().values() for one in check.inputs.values()]
    largest = [one.max_bytes for one in inputs if one.pixels is not None]

    assert None not in largest
    assert max(size or 0 for size in largest) == PICTURE_BYTES
