"""What kind of file some bytes begin: by the magic bytes of the formats' specifications."""

from __future__ import annotations

HEAD_BYTES = 16

_MAGIC: tuple[tuple[str, int, bytes], ...] = (
    ("jpeg", 0, b"\xff\xd8\xff"),
    ("png", 0, b"\x89PNG\r\n\x1a\n"),
    ("gif", 0, b"GIF8"),
    ("bmp", 0, b"BM"),
    ("webp", 8, b"WEBP"),
    ("avi", 8, b"AVI "),
    ("mp4", 4, b"ftyp"),
    ("flv", 0, b"FLV\x01"),
    ("matroska", 0, b"\x1aE\xdf\xa3"),
    ("pdf", 0, b"%PDF-"),
    ("asf", 0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    ("tiff", 0, b"II*\x00"),
    ("tiff", 0, b"MM\x00*"),
    ("zip", 0, b"PK\x03\x04"),
    ("gzip", 0, b"\x1f\x8b\x08"),
)


def format_of(head: bytes) -> str:
    """The format that `head`, the first `HEAD_BYTES` bytes of a file, belongs to.

    Returns "opaque" for bytes of no known format and "empty" for none at all.
    """
    if not head:
        return "empty"
    for name, offset, magic in _MAGIC:
        if head.startswith(magic, offset):
            return name
    return "opaque"
