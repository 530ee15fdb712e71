"""A picture's width and height, out of its bytes and without decoding: JPEG, PNG, GIF, BMP, TIFF.

The bytes are untrusted. So each reader takes a bounded number of steps, and returns None for
anything that it is not sure of.
"""

from __future__ import annotations

import re
import struct

# One byte 0xFF, and what makes a marker of it. Any number of 0xFF may stand before a marker.
_JPEG_MARKER = re.compile(rb"\xff[\x01-\xfe]")
# Frame headers, ITU T.81 table B.1: all of 0xC0 to 0xCF but DHT, JPG and DAC.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# TEM and RST0 to RST7: markers without a length.
_JPEG_ALONE = frozenset([0x01, *range(0xD0, 0xD8)])
# SOI a second time, EOI, SOS: no frame header comes before the coded picture any more.
_JPEG_ENDS = frozenset([0xD8, 0xD9, 0xDA])
_JPEG_MOST_SEGMENTS = 4096
"""Of a whole picture of 5 MiB, metadata in segments of 64 KiB takes less than a hundred."""

_GIF_EXTENSION, _GIF_IMAGE = 0x21, 0x2C
_GIF_MOST_BLOCKS = 65_536
"""Of 5 MiB, metadata in blocks of 255 bytes takes less than a third of that."""

_BMP_CORE_HEADER = 12
# OS/2 2.x short and long, and Windows: BITMAPINFOHEADER, two extensions of it, V4, V5.
_BMP_HEADERS = frozenset([16, 64, 40, 52, 56, 108, 124])

_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
# SHORT and LONG of TIFF 6.0: what the two may be.
_TIFF_TYPES = {3: "H", 4: "L"}


def read_sides(picture: bytes, kind: str) -> tuple[int, int] | None:
    """Width and height in pixels as they are stored, before any turn; None if they cannot be read.

    Args:
        picture: the whole file. Where the sides stand differs: in a TIFF it may be the end.
        kind: the format, as `liveproof.files.formats.detect_format` names it.

    Raises:
        KeyError: pictures of this kind are not read.
    """
    try:
        sides = _READERS[kind](picture)
    except struct.error:
        return None
    if sides is None or min(sides) < 1:
        return None
    return sides


def _jpeg(picture: bytes) -> tuple[int, int] | None:
    at = 2
    for _ in range(_JPEG_MOST_SEGMENTS):
        match = _JPEG_MARKER.search(picture, at)
        if match is None:
            return None
        marker, at = picture[match.end() - 1], match.end()
        if marker in _JPEG_ENDS:
            return None
        if marker in _JPEG_ALONE:
            continue
        if marker in _JPEG_FRAMES:
            length, height, width = struct.unpack_from(">HxHH", picture, at)
            return (width, height) if length >= 8 else None
        (length,) = struct.unpack_from(">H", picture, at)
        if length < 2:
            return None
        at += length
    return None


def _png(picture: bytes) -> tuple[int, int] | None:
    length, name, width, height = struct.unpack_from(">L4sLL", picture, 8)
    return (width, height) if (length, name) == (13, b"IHDR") else None


def _gif(picture: bytes) -> tuple[int, int] | None:
    """The screen's sides, or those of the first image where it reaches out of the screen."""
    width, height, flags = struct.unpack_from("<HHB", picture, 6)
    at, in_extension = 13, False
    if flags & 0x80:
        at += 3 << (flags & 7) + 1
    for _ in range(_GIF_MOST_BLOCKS):
        (first,) = struct.unpack_from("B", picture, at)
        if in_extension:
            at, in_extension = at + 1 + first, first != 0
        elif first == _GIF_EXTENSION:
            at, in_extension = at + 2, True
        elif first == _GIF_IMAGE:
            left, top, wide, high = struct.unpack_from("<HHHH", picture, at + 1)
            return max(width, left + wide), max(height, top + high)
        else:
            return None
    return None


def _bmp(picture: bytes) -> tuple[int, int] | None:
    (header,) = struct.unpack_from("<L", picture, 14)
    if header == _BMP_CORE_HEADER:
        width, height = struct.unpack_from("<HH", picture, 18)
        return width, height
    if header not in _BMP_HEADERS:
        return None
    width, height = struct.unpack_from("<ll", picture, 18)
    # A picture that is stored from the top has a negative height.
    return width, abs(height)


def _tiff(picture: bytes) -> tuple[int, int] | None:
    order = "<" if picture.startswith(b"II") else ">"
    (directory,) = struct.unpack_from(f"{order}L", picture, 4)
    (count,) = struct.unpack_from(f"{order}H", picture, directory)
    sides: dict[int, int] = {}
    for at in range(directory + 2, directory + 2 + 12 * count, 12):
        tag, type_, values = struct.unpack_from(f"{order}HHL", picture, at)
        if tag not in (_TIFF_WIDTH, _TIFF_HEIGHT):
            continue
        # A tag that comes twice is refused: readers differ in which one they take.
        if type_ not in _TIFF_TYPES or values != 1 or tag in sides:
            return None
        (sides[tag],) = struct.unpack_from(f"{order}{_TIFF_TYPES[type_]}", picture, at + 8)
    if len(sides) < 2:
        return None
    return sides[_TIFF_WIDTH], sides[_TIFF_HEIGHT]


_READERS = {"jpeg": _jpeg, "png": _png, "gif": _gif, "bmp": _bmp, "tiff": _tiff}
