"""What kind of file some bytes begin: by the magic bytes of the formats' specifications."""

from __future__ import annotations

from liveproof.files import iso_media

HEAD_BYTES = 4096
"""How much of a file is looked at. A thousand brands fit in; real films name ten at most."""

_MAGIC: tuple[tuple[str, int, bytes], ...] = (
    ("jpeg", 0, b"\xff\xd8\xff"),
    ("png", 0, b"\x89PNG\r\n\x1a\n"),
    ("gif", 0, b"GIF87a"),
    ("gif", 0, b"GIF89a"),
    ("bmp", 0, b"BM"),
    ("flv", 0, b"FLV\x01"),
    ("pdf", 0, b"%PDF-"),
    ("asf", 0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"),
    ("realmedia", 0, b".RMF"),
    ("tiff", 0, b"II*\x00"),
    ("tiff", 0, b"MM\x00*"),
    ("zip", 0, b"PK\x03\x04"),
    ("gzip", 0, b"\x1f\x8b\x08"),
)
_RIFF_FORMS = {b"AVI ": "avi", b"WEBP": "webp"}
_EBML = b"\x1aE\xdf\xa3"
_WEBM_DOCTYPE = b"\x42\x82\x84webm"


def detect_format(head: bytes) -> str:
    """The format that `head`, the first `HEAD_BYTES` bytes of a file, belongs to.

    Returns "opaque" for bytes of no known format and "empty" for none at all.
    """
    if not head:
        return "empty"
    for name, offset, magic in _MAGIC:
        if head.startswith(magic, offset):
            return name
    if head.startswith(b"RIFF"):
        return _RIFF_FORMS.get(head[8:12], "opaque")
    if head.startswith(_EBML):
        return "webm" if _WEBM_DOCTYPE in head[:64] else "matroska"
    return iso_media.detect_kind(head) or "opaque"
