"""Pictures and films that phones and cameras make, as small as they can be, written here."""

from __future__ import annotations

import io
import struct
from typing import Any

from PIL import Image


def picture(kind: str, width: int, height: int, **options: Any) -> bytes:
    """A real picture, written by Pillow."""
    written = io.BytesIO()
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    image.save(written, kind.upper(), **options)
    return written.getvalue()


def box(name: bytes, body: bytes = b"", size: int | None = None) -> bytes:
    """A box of ISO/IEC 14496-12; `size` if the header is to say another one."""
    return struct.pack(">L4s", 8 + len(body) if size is None else size, name) + body


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    """The box that names a file's brands."""
    return box(b"ftyp", major + bytes(4) + b"".join(compatible))


def segment(marker: int, body: bytes) -> bytes:
    """A JPEG's marker with its length and body."""
    return struct.pack(">BBH", 0xFF, marker, 2 + len(body)) + body


def frame_header(marker: int, width: int, height: int) -> bytes:
    """A JPEG's frame header of three components."""
    parts = bytes([1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1])
    return segment(marker, struct.pack(">BHHB", 8, height, width, 3) + parts)


def jpeg_with(body: bytes, *segments: bytes) -> bytes:
    """A JPEG with segments put in where its metadata begins."""
    return body[:2] + b"".join(segments) + body[2:]


def bmp_of_os2(width: int, height: int, header: int = 12) -> bytes:
    """A BMP of 24 bits as OS/2 writes it: 12 (1.x), 16 or 64 (2.x) bytes of header."""
    sides = struct.pack("<HH" if header == 12 else "<LL", width, height)
    rest = (sides + struct.pack("<HH", 1, 24)).ljust(header - 4, b"\0")
    rows = bytes((width * 3 + 3) // 4 * 4 * height)
    start = 14 + header
    return struct.pack("<2sLHHLL", b"BM", start + len(rows), 0, 0, start, header) + rest + rows


def bmp_from_the_top(width: int, height: int) -> bytes:
    """A BMP whose first row is the upper one: its height is negative."""
    body = bytearray(picture("bmp", width, height))
    body[22:26] = struct.pack("<l", -height)
    return bytes(body)


def tiff_with_directory_at_the_end(width: int, height: int) -> bytes:
    """A TIFF with its directory after the rows, as cameras write it."""
    body = picture("tiff", width, height)
    (directory,) = struct.unpack("<L", body[4:8])
    rows_first = body[:4] + struct.pack("<L", len(body)) + body[8:]
    return rows_first + body[directory : directory + 500]
