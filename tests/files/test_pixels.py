"""A picture's sides from its header: real files of every format, limits, headers that tell none."""

from __future__ import annotations

import io
import os
import struct
from typing import Any

import imagesize
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from liveproof import facts
from liveproof.facts import Pixels
from liveproof.files.formats import HEAD_BYTES, format_of
from liveproof.files.pixels import HEADER_BYTES, fits

LIMITS = Pixels(
    min_side=64,
    max_side={"jpeg": 400, "png": 200, "bmp": 200, "gif": 200, "tiff": 200},
    max_ratio=3,
)
FORMATS = sorted(LIMITS.max_side)


def picture(kind: str, width: int, height: int, **options: Any) -> bytes:
    written = io.BytesIO()
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    image.save(written, kind.upper(), **options)
    return written.getvalue()


def judged(body: bytes, kind: str, limits: Pixels = LIMITS) -> bool:
    assert format_of(body[:HEAD_BYTES]) == kind
    return fits(body[:HEADER_BYTES], kind, limits)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_sides_may_be_as_long_and_as_short_as_the_limits(kind: str) -> None:
    longest = LIMITS.max_side[kind]

    assert judged(picture(kind, longest, longest), kind)
    assert judged(picture(kind, 64, 64), kind)
    assert judged(picture(kind, 64, 192), kind)
    for width, height in [(longest + 1, 150), (150, longest + 1), (63, 64), (64, 63), (64, 193)]:
        assert not judged(picture(kind, width, height), kind), (width, height)


@pytest.mark.parametrize("kind", FORMATS)
def test_without_a_ratio_a_strip_is_taken(kind: str) -> None:
    free = Pixels(min_side=8, max_side=dict.fromkeys(FORMATS, 500), max_ratio=None)

    assert judged(picture(kind, 8, 500), kind, free)
    assert not judged(picture(kind, 7, 500), kind, free)


@pytest.mark.parametrize("turned", [1, 3, 6, 8])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_with_much_metadata_is_measured_whichever_way_it_is_turned(
    progressive: bool, turned: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x9286] = os.urandom(60_000)
    options = {"exif": exif.tobytes(), "icc_profile": os.urandom(150_000)}
    small = picture("jpeg", 300, 100, progressive=progressive, **options)
    large = picture("jpeg", 100, 401, progressive=progressive, **options)

    assert len(small) > 200_000
    assert judged(small, "jpeg")
    assert not judged(large, "jpeg")


def test_a_tiff_that_describes_itself_at_its_end_is_left_to_the_vendor() -> None:
    body = picture("tiff", 250, 250)
    directory = struct.unpack("<L", body[4:8])[0]
    moved = body[:4] + struct.pack("<L", len(body)) + body[8:] + body[directory : directory + 500]

    assert not judged(moved, "tiff")
    assert judged(moved[:100_000], "tiff")


@pytest.mark.parametrize("kind", FORMATS)
def test_a_header_that_is_cut_off_is_left_to_the_vendor(kind: str) -> None:
    assert fits(picture(kind, 500, 500)[:8], kind, LIMITS)


def test_a_jpeg_whose_sides_come_after_the_header_bytes_is_left_to_the_vendor() -> None:
    body = picture("jpeg", 500, 500, icc_profile=os.urandom(HEADER_BYTES))

    assert judged(body, "jpeg")
    assert not fits(body, "jpeg", LIMITS)


def test_a_bmp_that_is_stored_from_the_top_is_measured_too() -> None:
    body = bytearray(picture("bmp", 300, 300))
    body[22:26] = struct.pack("<l", -300)

    assert not judged(bytes(body), "bmp")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\x00\x00",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a\x01",
        b"BM",
        b"II*\x00",
        b"MM\x00*\xff\xff\xff\xff",
        b"nothing that is known",
    ],
)
def test_imagesize_answers_minus_one_for_what_it_cannot_read(body: bytes) -> None:
    """Versions before 2 raised: if this fails, `fits` has to catch that again."""
    assert imagesize.get(io.BytesIO(body)) == (-1, -1)


HEADS = {kind: picture(kind, 100, 100)[:600] for kind in FORMATS}


@given(
    st.sampled_from(FORMATS),
    st.lists(st.tuples(st.integers(4, 599), st.integers(0, 255)), max_size=8),
    st.integers(4, 600),
)
def test_no_header_however_broken_is_an_error(
    kind: str, changes: list[tuple[int, int]], length: int
) -> None:
    head = bytearray(HEADS[kind].ljust(600, b"\0"))
    for at, value in changes:
        head[at] = value

    assert fits(bytes(head[:length]), kind, LIMITS) in (True, False)


def test_every_format_that_an_input_takes_has_its_longest_side() -> None:
    inputs = [one for check in facts.checks().values() for one in check.inputs.values()]
    limited = [(one.pixels, one.formats) for one in inputs if one.pixels is not None]

    assert limited
    for pixels, formats in limited:
        assert set(pixels.max_side) == set(formats)
