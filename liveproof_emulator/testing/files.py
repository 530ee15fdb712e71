"""Files that the emulator accepts, each with an optional line that chooses a scenario."""

import base64
import io
import json
from functools import lru_cache
from typing import Any

from PIL import Image

_PICTURES_PER_SECOND = 10


def photo(scenario: str | None = None, *, width: int = 240, height: int = 320) -> bytes:
    """A JPEG. `scenario`: the name in its last line; None: no such line."""
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=80)
    return written.getvalue() + _marker(scenario)


def video(
    scenario: str | None = None, seconds: float = 3, *, width: int = 240, height: int = 320
) -> bytes:
    """A small MP4. It needs PyAV. `scenario`: the name in its last line; None: no such line.

    Ten pictures a second, each of another colour: green turns red from the first to the last.
    """
    return _encoded(round(seconds * _PICTURES_PER_SECOND), width, height) + _marker(scenario)


@lru_cache(maxsize=16)
def _encoded(count: int, width: int, height: int) -> bytes:
    import av

    frames: Any = av.VideoFrame
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as opened:
        stream = opened.add_stream("mpeg4", rate=_PICTURES_PER_SECOND)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(count):
            red = 255 * index // max(1, count - 1)
            picture = Image.new("RGB", (width, height), (red, 255 - red, 64))
            opened.mux(stream.encode(frames.from_image(picture)))
        opened.mux(stream.encode(None))
    return written.getvalue()


def device_data(scenario: str | None = None) -> bytes:
    """The mobile SDK's device data: base64 of JSON. `scenario`: the name in its last line."""
    value = {"platform": 2, "select_data": "{}"}
    return base64.b64encode(json.dumps(value).encode()) + _marker(scenario)


def live_data(scenario: str | None = None, *, size: int = 2048) -> bytes:
    """Bytes instead of the mobile SDK's live data. `scenario`: the name in their last line."""
    return b"\x1f\x8b" + bytes(size - 2) + _marker(scenario)


def _marker(scenario: str | None) -> bytes:
    return b"" if scenario is None else f"\nliveproof-scenario: {scenario}\n".encode()
