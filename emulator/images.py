"""Decoding a photo and making a best frame of it."""

import io
from dataclasses import dataclass

from PIL import Image, JpegImagePlugin, PngImagePlugin

_FRAME = (480, 640)


class UndecodableError(Exception):
    """The bytes are no JPEG or PNG that can be decoded."""


class TooManyPixelsError(Exception):
    """A side is longer than allowed."""


class TooFewPixelsError(Exception):
    """A side is shorter than allowed."""


@dataclass(frozen=True)
class Sides:
    """Allowed sides in pixels."""

    shortest: int
    longest: int


def best_frame(photo: bytes, sides: Sides) -> bytes:
    """A JPEG made from the photo; the errors above tell what is wrong with the photo."""
    try:
        # The plugins and not Image.open: its pixel-bomb warning would come before our own check.
        picture: Image.Image
        if photo.startswith(b"\xff\xd8\xff"):
            picture = JpegImagePlugin.JpegImageFile(io.BytesIO(photo))
        elif photo.startswith(b"\x89PNG\r\n\x1a\n"):
            picture = PngImagePlugin.PngImageFile(io.BytesIO(photo))
        else:
            raise UndecodableError
        if max(picture.size) > sides.longest:
            raise TooManyPixelsError
        if min(picture.size) < sides.shortest:
            raise TooFewPixelsError
        picture.load()
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as problem:
        raise UndecodableError from problem
    frame = picture.convert("RGB")
    frame.thumbnail(_FRAME)
    written = io.BytesIO()
    frame.save(written, "JPEG", quality=85)
    return written.getvalue()
