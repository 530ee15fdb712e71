"""Decoding a photo, and encoding a picture as JPEG. Everything here blocks: call it in a thread."""

import io
from dataclasses import dataclass

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
)

# The plugins and not Image.open: its pixel-bomb warning would come before our own check.
_READERS: dict[str, tuple[tuple[bytes, ...], type[Image.Image]]] = {
    "jpg": ((b"\xff\xd8\xff",), JpegImagePlugin.JpegImageFile),
    "png": ((b"\x89PNG\r\n\x1a\n",), PngImagePlugin.PngImageFile),
    "bmp": ((b"BM",), BmpImagePlugin.BmpImageFile),
    "gif": ((b"GIF87a", b"GIF89a"), GifImagePlugin.GifImageFile),
    "tiff": ((b"II*\0", b"MM\0*"), TiffImagePlugin.TiffImageFile),
}


class UndecodableError(Exception):
    """The bytes are no picture of an allowed format, or cannot be decoded."""


class TooManyPixelsError(Exception):
    """A side is longer than allowed."""


class TooFewPixelsError(Exception):
    """A side is shorter than allowed."""


@dataclass(frozen=True)
class Sides:
    """Allowed sides in pixels. `longest_other` is for formats other than JPEG; None: the same."""

    shortest: int
    longest: int
    longest_other: int | None = None


def decode(photo: bytes, sides: Sides, formats: tuple[str, ...] = ("jpg", "png")) -> Image.Image:
    """The decoded photo.

    Args:
        photo: the file.
        sides: allowed sides.
        formats: allowed formats, out of jpg, png, bmp, gif, tiff.

    Raises:
        UndecodableError, TooManyPixelsError, TooFewPixelsError: the photo is not allowed.
    """
    kind = next((name for name in formats if photo.startswith(_READERS[name][0])), None)
    if kind is None:
        raise UndecodableError
    longest = sides.longest
    if kind != "jpg" and sides.longest_other is not None:
        longest = sides.longest_other
    reader = _READERS[kind][1]
    try:
        # Pillow types its readers for a file and a name; the name has a default.
        picture = reader(io.BytesIO(photo))  # type: ignore[call-arg]
        if max(picture.size) > longest:
            raise TooManyPixelsError
        if min(picture.size) < sides.shortest:
            raise TooFewPixelsError
        picture.load()
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError) as problem:
        raise UndecodableError from problem
    return picture


def encode_jpeg(picture: Image.Image, largest: tuple[int, int]) -> bytes:
    """The picture as a JPEG that fits into `largest` (width, height)."""
    picture.thumbnail(largest)
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=85)
    return written.getvalue()
