"""Files for the demo: a drawn face as a JPEG, and bytes in the place of the SDK's packet.

No two are alike, so no two have the same MD5. The emulator reads the outcome from a trailing line.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from liveproof.files.formats import HEAD_BYTES, format_of

_CONTENT_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "gzip": "application/gzip"}


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
    kind = format_of(data[:HEAD_BYTES])
    return Sample(data, _CONTENT_TYPES.get(kind, "application/octet-stream"))


def photo(scenario: str | None, nonce: random.Random) -> Sample:
    """A JPEG of 480 x 640 pixels with a drawn face; `scenario` is what the emulator should play."""
    tint = tuple(nonce.randrange(120, 230) for _ in range(3))
    picture = Image.effect_noise((480, 640), 40).convert("RGB")
    picture = Image.blend(picture, Image.new("RGB", picture.size, tint), 0.8)
    draw = ImageDraw.Draw(picture)
    skin, dark = nonce.choice(["#f1c9a5", "#c68642", "#8d5524", "#ffdbac"]), "#2b1d14"
    draw.ellipse((110, 120, 370, 500), fill=skin, outline=dark, width=3)
    draw.pieslice((110, 90, 370, 400), 180, 360, fill=dark)
    for left in (165, 265):
        draw.ellipse((left, 270, left + 50, 300), fill="white", outline=dark, width=2)
        draw.ellipse((left + 17, 275, left + 37, 295), fill=dark)
    draw.line((240, 300, 228, 365, 250, 370), fill=dark, width=4)
    draw.arc((185, 370, 295, 440), 20, 160, fill="#a03040", width=8)
    written = io.BytesIO()
    comment = f"liveproof sample {nonce.getrandbits(128):032x}".encode()
    picture.save(written, "JPEG", quality=85, comment=comment)
    return Sample(written.getvalue() + trailer(scenario), "image/jpeg")


def packet(scenario: str | None, nonce: random.Random, size: int = 200_000) -> Sample:
    """Gzip of random bytes: what a packet of the mobile SDK looks like from outside."""
    body = gzip.compress(nonce.randbytes(size), compresslevel=1, mtime=0)
    return Sample(body + trailer(scenario), "application/gzip")


def trailer(scenario: str | None) -> bytes:
    """The line that chooses an outcome; empty for None."""
    return b"" if scenario is None else f"\nliveproof-scenario: {scenario}\n".encode()
