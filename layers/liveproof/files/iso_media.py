"""Which files of the ISO base media file format are films in MP4: by brands, ISO/IEC 14496-12.

MP4, MOV, 3GP, HEIF and more begin alike, with a box named `ftyp`. Its brands tell them apart: the
major one says what the file is, the compatible ones what it can also be read as.
"""

from __future__ import annotations

import struct

_QUICKTIME = b"qt  "
# Files of QuickTime that are older than `ftyp` begin with one of these boxes.
_QUICKTIME_FIRST_BOXES = frozenset([b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"])

# MP4 itself (ISO/IEC 14496-14), and what recorders and FFmpeg name as the major brand of an MP4: an
# edition of the base format, AVC in it, Apple's films, DASH, CMAF. From the register, mp4ra.org.
_MP4_ITSELF = frozenset([b"mp41", b"mp42"])
_EDITIONS = b"isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 isoa isob isoc"
_FILMS = _MP4_ITSELF | {*_EDITIONS.split(), *b"avc1 M4VH M4VP dash cmfc cmf2".split(), b"M4V "}
# Pictures and their sequences: HEIF (ISO/IEC 23008-12) with any codec, and AVIF.
_PICTURES = frozenset(
    b"mif1 mif2 mif3 msf1 miaf heic heix heim heis hevc hevx hevm hevs vvic vvis avci avcs jpeg"
    b" jpgs j2ki j2is avif avio avis".split()
)
# Sound, and Canon's raw pictures: they may name MP4 among the compatible brands.
_NO_FILMS = frozenset([b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B ", b"crx "])
_3GPP = (b"3gp", b"3g2", b"3ge", b"3gf", b"3gg", b"3gh", b"3gm", b"3gr", b"3gs", b"3gt")


def detect_kind(head: bytes) -> str | None:
    """What kind of ISO base media file begins with `head`; None if it is none.

    Returns:
        "mp4", "quicktime", "heif" (AVIF too) or "3gp"; "iso_media" for any other, and for one whose
        brands cannot be read: their box is too short, or ends behind `head`.
    """
    if head[4:8] in _QUICKTIME_FIRST_BOXES:
        return "quicktime" if _size_may_be(head) else None
    if head[4:8] != b"ftyp":
        return None
    brands = _brands(head)
    if brands is None:
        return "iso_media"
    major, compatible = brands
    if major == _QUICKTIME:
        return "quicktime"
    if major in _PICTURES or compatible & _PICTURES:
        return "heif"
    if major in _NO_FILMS:
        return "iso_media"
    # A major brand that is not known, of a camera's maker for example, may be an MP4 as well.
    if major in _FILMS or compatible & _MP4_ITSELF:
        return "mp4"
    return "3gp" if major.startswith(_3GPP) else "iso_media"


def _size_may_be(head: bytes) -> bool:
    """Whether the first box's size is one that a box can have: 0 says that it ends the file."""
    size = int.from_bytes(head[:4], "big")
    if size == 1:
        return int.from_bytes(head[8:16], "big") >= 16
    return size == 0 or size >= 8


def _brands(head: bytes) -> tuple[bytes, set[bytes]] | None:
    """The major and the compatible brands; None if the box that holds them lies about its size."""
    size, start = int.from_bytes(head[:4], "big"), 8
    if size == 1:
        size, start = int.from_bytes(head[8:16], "big"), 16
    if not start + 8 <= size <= len(head):
        return None
    numbers = head[start + 8 : size - size % 4]
    return head[start : start + 4], {brand for (brand,) in struct.iter_unpack("4s", numbers)}
