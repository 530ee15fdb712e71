"""Short films and sounds, written by FFmpeg."""

from __future__ import annotations

import io
from typing import Any

import av
from PIL import Image


def film(container: str, codec: str = "libx264", **options: str) -> bytes:
    """Two pictures as a film.

    Args:
        container: FFmpeg's name of the muxer; `options` are its own.
    """
    written = io.BytesIO()
    frames: Any = av.VideoFrame
    with av.open(written, "w", format=container, options=options) as opened:
        stream = opened.add_stream(codec, rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 176, 144, "yuv420p"
        for colour in ("teal", "black"):
            frame = frames.from_image(Image.new("RGB", (176, 144), colour))
            opened.mux(stream.encode(frame))
        opened.mux(stream.encode(None))
    return written.getvalue()


def sound(container: str) -> bytes:
    """Silence in AAC, and no picture."""
    written = io.BytesIO()
    with av.open(written, "w", format=container) as opened:
        stream = opened.add_stream("aac", rate=8000)
        assert isinstance(stream, av.AudioStream)
        silence = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        silence.sample_rate = 8000
        for plane in silence.planes:
            plane.update(bytes(plane.buffer_size))
        silence.pts = 0
        opened.mux(stream.encode(silence))
        opened.mux(stream.encode(None))
    return written.getvalue()
