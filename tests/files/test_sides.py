"""Width and height out of bytes: what they are read from, and what is not believed."""

from __future__ import annotations

import io
import struct
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, UnidentifiedImageError

from liveproof.files import sides
from liveproof.files.sides import read_sides
from tests.support.pictures import (
    bmp_from_the_top,
    bmp_of_os2,
    frame_header,
    jpeg_with,
    picture,
    segment,
    tiff_with_directory_at_the_end,
)

LARGEST = 5 * 1024 * 1024
APP0 = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
TABLES = segment(0xDB, bytes(65)) + segment(0xC4, bytes(20)) + segment(0xCC, bytes(2))

REAL = {
    "jpeg": picture("jpeg", 121, 97),
    "progressive": picture("jpeg", 121, 97, progressive=True),
    "png": picture("png", 121, 97),
    "gif": picture("gif", 121, 97),
    "bmp": picture("bmp", 121, 97),
    "bmp of OS/2": bmp_of_os2(121, 97),
    "bmp from the top": bmp_from_the_top(121, 97),
    "tiff": picture("tiff", 121, 97),
    "tiff that was compressed": picture("tiff", 121, 97, compression="tiff_lzw"),
    "tiff with its directory last": tiff_with_directory_at_the_end(121, 97),
}


def kind_of(name: str) -> str:
    return {"progressive": "jpeg"}.get(name, name.partition(" ")[0])


@pytest.mark.parametrize("name", REAL)
def test_the_sides_are_those_that_a_decoder_sees(name: str) -> None:
    with Image.open(io.BytesIO(REAL[name])) as opened:
        opened.load()
        assert opened.size == (121, 97)

    assert read_sides(REAL[name], kind_of(name)) == (121, 97)


@pytest.mark.parametrize("marker", sorted(set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}))
def test_every_frame_header_of_a_jpeg_tells_the_sides(marker: int) -> None:
    assert read_sides(b"\xff\xd8" + APP0 + TABLES + frame_header(marker, 300, 200), "jpeg") == (
        300,
        200,
    )


@pytest.mark.parametrize(
    "between",
    [
        b"\xff" * 40,
        b"\0\0\0",
        b"\xff\x01\xff\xd0\xff\xd7",
        b"\xff\0" * 20,
        segment(0xE5, b""),
        segment(0xFE, frame_header(0xC0, 9, 9)),
        segment(0xC8, frame_header(0xC0, 9, 9)),
        segment(0xE1, b"Exif\0\0" + picture("jpeg", 16, 8)),
    ],
    ids=[
        "fill bytes", "stray bytes", "markers without a length", "stuffed bytes", "empty segment",
        "comment", "JPG", "thumbnail",
    ],
)  # fmt: skip
def test_segments_that_decoders_skip_before_a_jpegs_frame_are_skipped(between: bytes) -> None:
    whole = picture("jpeg", 300, 200)
    with Image.open(io.BytesIO(whole)) as opened:
        assert opened.size == (300, 200)

    assert read_sides(jpeg_with(whole, between), "jpeg") == (300, 200)


FRAME = frame_header(0xC0, 300, 200)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xd8" + APP0, "jpeg"),
        (b"\xff\xd8" + segment(0xDA, bytes(10)) + FRAME, "jpeg"),
        (b"\xff\xd8\xff\xd9" + FRAME, "jpeg"),
        (b"\xff\xd8\xff\xd8" + FRAME, "jpeg"),
        (b"\xff\xd8\xff\xe0\0\1" + FRAME, "jpeg"),
        (b"\xff\xd8\xff\xe0\xff\xff" + FRAME, "jpeg"),
        (b"\xff\xd8" + segment(0xC0, bytes(5)) + bytes(9), "jpeg"),
        (b"\xff\xd8" + frame_header(0xC0, 300, 0), "jpeg"),
        (b"\xff\xd8" + frame_header(0xC0, 0, 200), "jpeg"),
        (b"\xff\xd8" + FRAME[:8], "jpeg"),
        (b"\xff\xd8\xff", "jpeg"),
        (b"\x89PNG\r\n\x1a\n" + struct.pack(">L4sLL", 4, b"CgBI", 0, 13), "png"),
        (b"\x89PNG\r\n\x1a\n" + struct.pack(">L4sLL", 12, b"IHDR", 70, 70), "png"),
        (b"\x89PNG\r\n\x1a\n" + struct.pack(">L4sLL", 13, b"IHDR", 0, 70), "png"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"GIF89a\0\0\x46\0\0\0\0,\0\0\0\0\0\0\x46\0\0", "gif"),
        (b"GIF89a\x46\0\x46\0\0\0\0;", "gif"),
        (b"GIF89a\x46\0\x46\0\0\0\0!\xfe\4abcd", "gif"),
        (b"GIF89a\x46", "gif"),
        (b"BM" + bytes(12) + struct.pack("<Lll", 13, 70, 70), "bmp"),
        (b"BM" + bytes(12) + struct.pack("<Lll", 41, 70, 70), "bmp"),
        (b"BM" + bytes(12) + struct.pack("<Lll", 0, 70, 70), "bmp"),
        (b"BM" + bytes(12) + struct.pack("<Lll", 40, -70, 70), "bmp"),
        (b"BM" + bytes(12) + struct.pack("<Lll", 40, 70, 0), "bmp"),
        (b"BM" + bytes(12) + struct.pack("<LHH", 12, 70, 0), "bmp"),
        (b"BM is how a letter may begin", "bmp"),
        (b"II*\0", "tiff"),
        (b"MM\0*\xff\xff\xff\xff", "tiff"),
        (b"II*\0\x08\0\0\0\0\0", "tiff"),
    ],
)
def test_missing_sides_are_not_guessed(body: bytes, kind: str) -> None:
    assert read_sides(body, kind) is None


def test_a_gif_whose_image_reaches_out_of_its_screen_has_the_images_sides() -> None:
    whole = bytearray(picture("gif", 300, 200))
    whole[6:10] = struct.pack("<HH", 10, 10)
    with Image.open(io.BytesIO(bytes(whole))) as opened:
        assert opened.size == (300, 200)

    assert read_sides(bytes(whole), "gif") == (300, 200)


def tiff(*entries: tuple[int, int, int, int], order: str = "<") -> bytes:
    mark = b"II*\0" if order == "<" else b"MM\0*"
    body = mark + struct.pack(f"{order}LH", 8, len(entries))
    for tag, type_, values, value in entries:
        inline = struct.pack(f"{order}H", value) + b"\0\0" if type_ == 3 else b""
        body += struct.pack(f"{order}HHL", tag, type_, values)
        body += inline or struct.pack(f"{order}L", value)
    return body + bytes(4)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("type_", [3, 4])
def test_a_tiffs_sides_are_short_or_long_in_either_order(order: str, type_: int) -> None:
    body = tiff((254, 4, 1, 0), (256, type_, 1, 300), (257, type_, 1, 200), order=order)

    assert read_sides(body, "tiff") == (300, 200)


@pytest.mark.parametrize(
    "entries",
    [
        [(256, 3, 1, 300)],
        [(256, 3, 1, 300), (257, 5, 1, 200)],
        [(256, 3, 2, 300), (257, 3, 1, 200)],
        [(256, 3, 1, 300), (257, 3, 1, 200), (256, 3, 1, 9000)],
        [(256, 3, 1, 0), (257, 3, 1, 200)],
    ],
    ids=["no height", "a fraction", "two values", "told twice", "nothing"],
)
def test_a_tiff_must_have_its_sides_once_and_as_whole_numbers(
    entries: list[tuple[int, int, int, int]],
) -> None:
    assert read_sides(tiff(*entries), "tiff") is None


def test_a_tiffs_later_directories_are_not_followed() -> None:
    body = tiff((256, 3, 1, 300), (257, 3, 1, 200))

    assert read_sides(body[:-4] + struct.pack("<L", 8), "tiff") == (300, 200)


@given(st.sampled_from(sorted(REAL)), st.data())
def test_no_picture_however_broken_is_an_error(name: str, data: st.DataObject) -> None:
    whole = bytearray(REAL[name])
    places = st.tuples(st.integers(2, min(700, len(whole) - 1)), st.integers(0, 255))
    for at, value in data.draw(st.lists(places, max_size=8)):
        whole[at] = value
    body = bytes(whole[: data.draw(st.integers(2, len(whole)))])
    sides = read_sides(body, kind_of(name))

    assert sides is None or min(sides) >= 1


@pytest.mark.filterwarnings("ignore")
@given(st.sampled_from(sorted(REAL)), st.data())
def test_what_pillow_opens_after_a_change_has_the_sides_that_were_read(
    name: str, data: st.DataObject
) -> None:
    """Two readers that share no code: where both read sides they are the same ones.

    Apart from a BMP's height of less than -2**24, which Pillow takes as one of more than 2**31.
    """
    whole = bytearray(REAL[name])
    # Behind the magic bytes, and for a BMP behind the size of its header, where Pillow guesses.
    first = 18 if kind_of(name) == "bmp" else 6
    at = data.draw(st.integers(first, min(200, len(whole) - 1)))
    whole[at] = data.draw(st.integers(0, 255))
    try:
        with Image.open(io.BytesIO(bytes(whole)), formats=[kind_of(name).upper()]) as opened:
            seen = opened.size
    except (UnidentifiedImageError, Image.DecompressionBombError, ValueError, OSError):
        return
    sides = read_sides(bytes(whole), kind_of(name))

    assert sides is None or sides == seen or (kind_of(name) == "bmp" and seen[1] >= 2**31)


def lines_run(read: Callable[[], object]) -> int:
    """How many lines of the reader are run."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        if frame.f_code.co_filename != sides.__file__:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        read()
    finally:
        sys.settrace(before)
    return count


def hostile(size: int) -> dict[str, tuple[str, bytes]]:
    """Files of `size` bytes that would keep a careless reader busy."""
    entry = struct.pack("<HHLL", 1, 3, 1, 1)
    return {
        "tiny segments": ("jpeg", b"\xff\xd8" + b"\xff\xe0\0\2" * (size // 4)),
        "restart markers": ("jpeg", b"\xff\xd8" + b"\xff\xd0" * (size // 2)),
        "stuffed bytes": ("jpeg", b"\xff\xd8" + b"\xff\0" * (size // 2)),
        "fill bytes": ("jpeg", b"\xff\xd8" + b"\xff" * size),
        "zeros": ("jpeg", b"\xff\xd8" + APP0 + bytes(size)),
        "tiny blocks": ("gif", b"GIF89a" + bytes(7) + b"!\xfe" + b"\1\0" * (size // 2)),
        "extensions": ("gif", b"GIF89a" + bytes(7) + b"!\xfe\0" * (size // 3)),
        "entries": ("tiff", b"II*\0\x08\0\0\0\xff\xff" + entry * (size // 12)),
    }


@pytest.mark.parametrize("name", hostile(0))
def test_a_hostile_picture_ends_the_reading_after_a_bounded_number_of_steps(name: str) -> None:
    """What is left are searches in `bytes`, which pass each of them once."""
    kind, body = hostile(LARGEST)[name]
    results: list[object] = []
    lines = lines_run(lambda: results.append(read_sides(body, kind)))

    assert results == [None]
    assert 0 < lines < 600_000
