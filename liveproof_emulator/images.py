"""Decoding a photo, and making a best frame of it."""

import io
from dataclasses import dataclass

from PIL import BmpImagePlugin, Image, JpegImagePlugin, PngImagePlugin

_FRAME = (480, 640)
# The plugins and not Image.open: its pixel-bomb warning would come before our own check.
_READERS: dict[str, tuple[bytes, type[Image.Image]]] = {
    "jpg": (b"\xff\xd8\xff", JpegImagePlugin.JpegImageFile),
    "png": (b"\x89PNG\r\n\x1a\n", PngImagePlugin.PngImageFile),
    "bmp": (b"BM", BmpImagePlugin.BmpImageFile),
}


class UndecodableError(Exception):
    """The bytes are no picture of an allowed format that can be decoded."""


class TooManyPixelsError(Exception):
    """A side is longer than allowed."""


class TooFewPixelsError(Exception):
    """A side is shorter than allowed."""


@dataclass(frozen=True)
class Sides:
    """Allowed sides in pixels; `longest_other` is for what is no JPEG, if that has its own."""

    shortest: int
    longest: int
    longest_other: int | None = None


def check(photo: bytes, sides: Sides, formats: tuple[str, ...] = ("jpg", "png")) -> None:
    """Decode the photo; the errors above tell what is wrong with it."""
    _decoded(photo, sides, formats)


def best_frame(photo: bytes, sides: Sides) -> bytes:
    """A JPEG made from the photo; the errors above tell what is wrong with the photo."""
    frame = _decoded(photo, sides, ("jpg", "png")).convert("RGB")
    return jpeg(frame, _FRAME)


def jpeg(picture: Image.Image, largest: tuple[int, int]) -> bytes:
    """The picture as a JPEG that fits into `largest`."""
    picture.thumbnail(largest)
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=85)
    return written.getvalue()


def _decoded(photo: bytes, sides: Sides, formats: tuple[str, ...]) -> Image.Image:
    for kind in formats:
        magic, reader = _READERS[kind]
        if photo.startswith(magic):
            break
    else:
        raise UndecodableError
    longest = sides.longest
    if kind != "jpg" and sides.longest_other is not None:
        longest = sides.longest_other
    try:
        # Pillow's own types leave out that a reader takes the file alone.
        # Pillow types its readers for a file and a name; the name has a default.
        picture = reader(io.BytesIO(photo))  # type: ignore[call-arg]
        if max(picture.size) > longest:
            raise TooManyPixelsError
        if min(picture.size) < sides.shortest:
            raise TooFewPixelsError
        picture.load()
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as problem:
        raise UndecodableError from problem
    return picture
