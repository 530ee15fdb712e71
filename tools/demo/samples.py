"""Files for the demo: a drawn face as JPEG and MP4, and random bytes for the SDK's packet.

No two files are equal, so no two have the same MD5. A trailing line chooses the
emulator's answer.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import io
import math
import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from liveproof.files.formats import HEAD_BYTES, detect_format

_CONTENT_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "bmp": "image/bmp",
    "gif": "image/gif",
    "tiff": "image/tiff",
    "mp4": "video/mp4",
    "avi": "video/x-msvideo",
    "flv": "video/x-flv",
    "quicktime": "video/quicktime",
    "asf": "video/x-ms-wmv",
    "realmedia": "application/vnd.rn-realmedia",
    "gzip": "application/gzip",
}
_PHOTO_SIZE = (480, 640)
_VIDEO_SIZE = (288, 384)
_PICTURES_PER_SECOND = 12
_DARK = "#2b1d14"


@dataclass(frozen=True)
class Sample:
    """A file to upload: its bytes, and the content type to declare."""

    data: bytes
    content_type: str

    def declaration(self) -> dict[str, Any]:
        """The input as `POST /v1/verifications` takes it."""
        digest = hashlib.md5(self.data, usedforsecurity=False).hexdigest()
        return {"md5": digest, "size": len(self.data), "content_type": self.content_type}


def of_file(path: Path) -> Sample:
    """The user's own file, unchanged; its type comes from its first bytes. Raises OSError."""
    data = path.read_bytes()
    kind = detect_format(data[:HEAD_BYTES])
    return Sample(data, _CONTENT_TYPES.get(kind, "application/octet-stream"))


def new_rng() -> random.Random:
    """Random contents for sample files, different in every run."""
    return random.Random(os.urandom(16))  # noqa: S311 - contents of sample files, not secrets


def photo(scenario: str | None, rng: random.Random) -> Sample:
    """A JPEG of 480 x 640 pixels with a drawn face; `scenario` chooses the emulator's answer."""
    picture, skin = _background(rng, _PHOTO_SIZE), _skin(rng)
    _draw_face(picture, skin, (0, 0))
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=85, comment=_comment(rng).encode())
    return Sample(encoded.getvalue() + trailer(scenario), "image/jpeg")


def video(scenario: str | None, rng: random.Random, seconds: float = 3.0) -> Sample:
    """An MP4 (H.264, 288 x 384 pixels) of a drawn face that moves about and blinks.

    The line that chooses the outcome is behind the film's end, where players do not look.
    """
    # Imported by the first video: it brings FFmpeg's libraries, which is slow.
    import av

    frames: Any = av.VideoFrame
    still, skin = _background(rng, _PHOTO_SIZE).resize(_VIDEO_SIZE), _skin(rng)
    encoded = io.BytesIO()
    with av.open(encoded, "w", format="mp4") as film:
        film.metadata["comment"] = _comment(rng)
        stream = film.add_stream(
            "libx264", rate=_PICTURES_PER_SECOND, options={"preset": "ultrafast"}
        )
        stream.width, stream.height = _VIDEO_SIZE
        stream.pix_fmt = "yuv420p"
        for number in range(round(seconds * _PICTURES_PER_SECOND)):
            turn = number / _PICTURES_PER_SECOND
            picture = still.copy()
            place = (round(45 * math.sin(2.1 * turn)), round(30 * math.sin(3.4 * turn + 1)))
            _draw_face(picture, skin, place, eyes_open=number % 14 > 1)
            film.mux(stream.encode(frames.from_image(picture)))
        film.mux(stream.encode(None))
    return Sample(encoded.getvalue() + trailer(scenario), "video/mp4")


def packet(scenario: str | None, rng: random.Random, size: int = 200_000) -> Sample:
    """Gzip of random bytes: what a packet of the mobile SDK looks like from outside."""
    body = gzip.compress(rng.randbytes(size), compresslevel=1, mtime=0)
    return Sample(body + trailer(scenario), "application/gzip")


def trailer(scenario: str | None) -> bytes:
    """The line that chooses an outcome; empty for None."""
    return b"" if scenario is None else f"\nliveproof-scenario: {scenario}\n".encode()


def _background(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    tint = tuple(rng.randrange(120, 230) for _ in range(3))
    return Image.blend(_noise(size), Image.new("RGB", size, tint), 0.8)


@functools.cache
def _noise(size: tuple[int, int]) -> Image.Image:
    """Drawn once: it takes longer than all the rest of a photo."""
    return Image.effect_noise(size, 40).convert("RGB")


def _skin(rng: random.Random) -> str:
    return rng.choice(["#f1c9a5", "#c68642", "#8d5524", "#ffdbac"])


def _comment(rng: random.Random) -> str:
    return f"liveproof sample {rng.getrandbits(128):032x}"


def _draw_face(
    picture: Image.Image, skin: str, offset: tuple[int, int], *, eyes_open: bool = True
) -> None:
    """Draws a face as large as the picture; `offset` is right and down. Places count the pixels of
    a photo."""
    draw = ImageDraw.Draw(picture)
    scale = picture.width / _PHOTO_SIZE[0]

    def at(*corners: int) -> tuple[float, ...]:
        return tuple(scale * (corner + offset[index % 2]) for index, corner in enumerate(corners))

    draw.ellipse(at(110, 120, 370, 500), fill=skin, outline=_DARK, width=3)
    draw.pieslice(at(110, 90, 370, 400), 180, 360, fill=_DARK)
    for left in (165, 265):
        if eyes_open:
            draw.ellipse(at(left, 270, left + 50, 300), fill="white", outline=_DARK, width=2)
            draw.ellipse(at(left + 17, 275, left + 37, 295), fill=_DARK)
        else:
            draw.line(at(left, 287, left + 50, 287), fill=_DARK, width=4)
    draw.line(at(240, 300, 228, 365, 250, 370), fill=_DARK, width=4)
    draw.arc(at(185, 370, 295, 440), 20, 160, fill="#a03040", width=8)
