"""Files that lie: containers of other brands, pictures whose sides hide, and readers kept busy."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from functools import cache, partial

from liveproof_emulator import testing
from tests.support.films import film
from tests.support.pictures import (
    bmp_from_the_top,
    bmp_of_os2,
    box,
    frame_header,
    ftyp,
    jpeg_with,
    picture,
    segment,
    tiff_with_directory_at_the_end,
)


@cache
def branded(brand: bytes) -> bytes:
    """An MP4 with another major brand written over its own."""
    mp4 = film("mp4")
    return mp4[:8] + brand + mp4[12:]


def sized(size: int) -> bytes:
    """An MP4 whose first box says another size; 1 is followed by a 64-bit size that lies."""
    mp4 = film("mp4")
    if size == 1:
        return struct.pack(">L4sQ", 1, b"ftyp", 2**63) + mp4[8:]
    return struct.pack(">L", size) + mp4[4:]


HEIC = ftyp(b"heic", b"mif1", b"heic") + box(b"meta", bytes(200)) + box(b"mdat", bytes(200))
_PNG = b"\x89PNG\r\n\x1a\n"
# Of a camera: profiles, depth maps and previews that put the sides behind 600 kB.
_HEADER = [segment(0xE2, b"MPF\0" + bytes(60_000))] * 10

Body = Callable[[], bytes]
"""Makes a file when a row runs: to make all of them takes seconds, and megabytes."""

# Each film: what `video` says to it, and what `silent` says; None where it is taken.
FILMS: dict[str, tuple[Body, str | None, str | None]] = {
    "an MP4": (lambda: film("mp4"), None, None),
    "a fragmented MP4": (lambda: film("mp4", movflags="frag_keyframe+empty_moov"), None, None),
    "an AVI": (lambda: film("avi", "mpeg4"), None, None),
    "an FLV": (lambda: film("flv", "flv"), None, None),
    "a phone's MOV": (lambda: film("mov"), "wrong_format", None),
    "an MP4 with the brand qt": (lambda: branded(b"qt  "), "wrong_format", None),
    "an old QuickTime file": (lambda: box(b"wide") + box(b"mdat", bytes(99)), "wrong_format", None),
    "a WMV": (lambda: film("asf", "msmpeg4v2"), "wrong_format", None),
    "an RM": (lambda: film("rm", "rv10"), "wrong_format", None),
    "a 3GP": (lambda: film("3gp"), "wrong_format", "wrong_format"),
    "a WebM": (lambda: film("webm", "libvpx"), "wrong_format", "wrong_format"),
    "a HEIC": (lambda: HEIC, "wrong_format", "wrong_format"),
    **{
        f"an MP4 with the brand {brand.decode().strip()}": (
            partial(branded, brand), "wrong_format", "wrong_format"
        )
        for brand in (b"heic", b"mif1", b"msf1", b"avif", b"avis", b"M4A ", b"crx ")
    },
    "a brand that is none": (
        lambda: ftyp(b"zzzz", b"isom") + box(b"mdat"), "wrong_format", "wrong_format"),
    "a first box of 0 bytes": (lambda: sized(0), "wrong_format", "wrong_format"),
    "a first box of 8 bytes": (lambda: sized(8), "wrong_format", "wrong_format"),
    "a first box of 64 bits": (lambda: sized(1), "wrong_format", "wrong_format"),
    "a first box beyond the file": (lambda: sized(2**31), "wrong_format", "wrong_format"),
    "an AVIF as a film": (lambda: picture("avif", 64, 64), "wrong_format", "wrong_format"),
    "a JPEG as a film": (lambda: picture("jpeg", 64, 64), "wrong_format", "wrong_format"),
    "words as a film": (lambda: b"words in the place of a film", "wrong_format", "wrong_format"),
    "a PDF as a film": (lambda: b"%PDF-1.7\n" + bytes(99), "wrong_format", "wrong_format"),
    "a zip as a film": (lambda: b"PK\x03\x04" + bytes(99), "wrong_format", "wrong_format"),
    "a program as a film": (lambda: b"\x7fELF" + bytes(99), "wrong_format", "wrong_format"),
}  # fmt: skip

# Each picture: the check, and what it says; None where it is taken.
PICTURES: dict[str, tuple[str, Body, str | None]] = {
    "a JPEG": ("photo", lambda: picture("jpeg", 300, 400), None),
    "a PNG": ("photo", lambda: picture("png", 300, 400), None),
    "a BMP": ("photo", lambda: picture("bmp", 300, 400), None),
    "a BMP from the top": ("photo", lambda: bmp_from_the_top(300, 400), None),
    "a BMP of OS/2": ("photo", lambda: bmp_of_os2(300, 400), None),
    "a BMP of OS/2, too small": ("photo", lambda: bmp_of_os2(63, 100), "wrong_pixels"),
    "a JPEG too long by a pixel": ("photo", lambda: picture("jpeg", 4001, 2000), "wrong_pixels"),
    "a JPEG too thin": ("photo", lambda: picture("jpeg", 100, 301), "wrong_pixels"),
    "a JPEG too small": ("photo", lambda: picture("jpeg", 63, 63), "wrong_pixels"),
    "sides behind 600 kB, fitting": (
        "photo", lambda: jpeg_with(picture("jpeg", 4000, 3000), *_HEADER), None),
    "sides behind 600 kB, too long": (
        "photo", lambda: jpeg_with(picture("jpeg", 4032, 3024), *_HEADER), "wrong_pixels"),
    "sides behind 600 kB, fitting silent": (
        "silent", lambda: jpeg_with(picture("jpeg", 4032, 3024), *_HEADER), None),
    "sides behind 600 kB, too long for silent": (
        "silent", lambda: jpeg_with(picture("jpeg", 5001, 3024), *_HEADER), "wrong_pixels"),
    "a TIFF with its directory at the end": (
        "silent", lambda: tiff_with_directory_at_the_end(300, 400), None),
    "a TIFF with its directory at the end, too narrow": (
        "silent", lambda: tiff_with_directory_at_the_end(7, 400), "wrong_pixels"),
    "a JPEG without sides": ("photo", lambda: b"\xff\xd8\xff" + bytes(5000), "photo_unreadable"),
    "a JPEG whose height is left open": (
        "photo", lambda: b"\xff\xd8" + frame_header(0xC0, 300, 0), "photo_unreadable"),
    "a JPEG that says a small frame before a large one": (
        "photo", lambda: jpeg_with(picture("jpeg", 4032, 3024), segment(
            0xE1, b"Exif\0\0" + frame_header(0xC0, 300, 400))), "wrong_pixels"),
    "words that begin like a BMP": ("photo", lambda: b"BM and more words", "photo_unreadable"),
    "a TIFF without a directory": ("silent", lambda: b"II*\0" + bytes(5000), "photo_unreadable"),
    "a HEIC as a photo": ("photo", lambda: HEIC, "wrong_format"),
    "a PDF as a photo": ("photo", lambda: b"%PDF-1.7\n" + bytes(99), "wrong_format"),
    "SVG with a script as a photo": ("photo", lambda: b"<svg onload='alert(1)'/>" + bytes(99),
                                     "wrong_format"),
    "HTML behind a JPEG's first bytes": (
        "photo", lambda: b"\xff\xd8\xff<script>alert(1)</script>", "photo_unreadable"),
    "a picture of 65 535 by 65 535 pixels": (
        "photo", lambda: b"\xff\xd8" + frame_header(0xC0, 65_535, 65_535), "wrong_pixels"),
    "a PNG of 2 147 483 647 pixels a side": (
        "photo", lambda: _PNG + struct.pack(">L4sLL", 13, b"IHDR", 2**31 - 1, 2**31 - 1)
        + b"\x08\x02\0\0\0" + bytes(40), "wrong_pixels"),
}  # fmt: skip

_LARGEST = 3_900_000
BUSY: dict[str, tuple[str, Body]] = {
    "a million segments of a JPEG": (
        "photo", lambda: b"\xff\xd8" + segment(0xE1, b"") * (_LARGEST // 4)),
    "fill bytes of a JPEG": ("photo", lambda: b"\xff\xd8" + b"\xff" * _LARGEST),
    "restart markers of a JPEG": ("photo", lambda: b"\xff\xd8" + b"\xff\xd0" * (_LARGEST // 2)),
    "a TIFF of 65 535 entries": (
        "silent", lambda: b"II*\0" + struct.pack("<LH", 8, 65_535)
        + b"\x01\x01\x03\0" * (_LARGEST // 4)),
    "a TIFF whose directory is itself": (
        "silent", lambda: b"II*\0" + struct.pack("<LH", 8, 0) + struct.pack("<L", 8) + bytes(5000)),
    "a million blocks of a GIF": (
        "silent", lambda: b"GIF89a" + bytes(7) + b"!\xf9\x00" * (_LARGEST // 3)),
    "a million chunks of a PNG": (
        "photo", lambda: _PNG + struct.pack(">L4sL", 0, b"tEXt", 0) * (_LARGEST // 12)),
}  # fmt: skip
"""Pictures that would keep a reader busy: the check, and the bytes."""


def seeds() -> tuple[tuple[str, str, Body], ...]:
    """What fuzzing begins with: check, input, file."""
    return (
        ("photo", "image", lambda: picture("jpeg", 300, 400)),
        ("photo", "image", lambda: picture("png", 300, 400)),
        ("photo", "image", lambda: bmp_of_os2(300, 400)),
        ("silent", "image", lambda: picture("gif", 64, 64)),
        ("silent", "image", lambda: tiff_with_directory_at_the_end(30, 40)),
        ("video", "video", testing.video),
        ("silent", "video", lambda: film("mov")),
        ("video", "video", lambda: film("avi", "mpeg4")),
        ("video", "video", lambda: film("flv", "flv")),
    )


def mutated(body: bytes, nonce: random.Random) -> Iterator[bytes]:
    """Without end: the file with a few bytes of its head changed, cut, doubled or moved."""
    while True:
        made = bytearray(body)
        for _ in range(nonce.randint(1, 6)):
            if not made:
                break
            at = nonce.randrange(min(len(made), 400))
            what = nonce.randrange(6)
            if what == 0:
                made[at] = nonce.randrange(256)
            elif what == 1:
                made[at : at + 4] = nonce.choice(
                    [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\x01"]
                )
            elif what == 2:
                del made[at : at + nonce.randint(1, 64)]
            elif what == 3:
                made[at:at] = made[at : at + nonce.randint(1, 64)]
            elif what == 4:
                made[at:at] = nonce.randbytes(nonce.randint(1, 16))
            else:
                del made[at + 1 :]
        if made:
            yield bytes(made)
