"""What is wrong with a photo or a video, and a frame of it. Everything here blocks.

PyAV is imported by the first video, so that an emulator that judges none starts fast and without.
"""

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
)

from liveproof_emulator.senseid.catalogue import FACTS
from liveproof_emulator.videos import PICTURE_BRANDS

if TYPE_CHECKING:
    import av

PIXELS = 2003
BYTES = 2004
DAMAGED = 2005

_MOST_PACKETS = 100_000
_MOST_PIXELS = 500_000_000
_FRAME = (1280, 1280)
# The plugins and not Image.open: its pixel-bomb warning would come before our own check.
_READERS: tuple[tuple[str, tuple[bytes, ...], type[Image.Image]], ...] = (
    ("JPEG", (b"\xff\xd8\xff",), JpegImagePlugin.JpegImageFile),
    ("PNG", (b"\x89PNG\r\n\x1a\n",), PngImagePlugin.PngImageFile),
    ("BMP", (b"BM",), BmpImagePlugin.BmpImageFile),
    ("GIF", (b"GIF87a", b"GIF89a"), GifImagePlugin.GifImageFile),
    ("TIFF", (b"II*\0", b"MM\0*"), TiffImagePlugin.TiffImageFile),
)
# Named and not guessed by FFmpeg, whose playlists would open other files.
_CONTAINERS = {"mov": "mov", "mp4": "mp4", "avi": "avi", "flv": "flv", "asf": "asf", "rm": "rm"}
_ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"


class UnfitError(Exception):
    """The file is not taken; `code` is SenseID's."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Frame:
    """The picture in the middle of a video, at `seconds`; `duration` is the video's own."""

    picture: Image.Image
    seconds: float
    duration: float

    def whole(self) -> str:
        """A JPEG as base64."""
        return _encoded(self.picture)

    def face(self) -> str:
        """Its middle, where a face would be, as base64."""
        width, height = self.picture.size
        side = (width // 4, height // 4, max(width * 3 // 4, 1), max(height * 3 // 4, 1))
        return _encoded(self.picture.crop(side))


def image(body: bytes) -> tuple[int, int]:
    """Width and height. UnfitError: size, type, sides, or damaged."""
    if not 0 < len(body) <= FACTS.integer("largest_image_bytes"):
        raise UnfitError(BYTES)
    allowed = FACTS.texts("image_formats")
    readers = [
        reader for name, magic, reader in _READERS if name in allowed and body.startswith(magic)
    ]
    if not readers:
        raise UnfitError(DAMAGED)
    try:
        # Pillow's own types leave out that a reader takes the file alone.
        # Pillow types its readers for a file and a name; the name has a default.
        picture = readers[0](io.BytesIO(body))  # type: ignore[call-arg]
        sides = picture.size
        shortest = FACTS.integer("shortest_side_pixels")
        if min(sides) < shortest or max(sides) > FACTS.integer("longest_side_pixels"):
            raise UnfitError(PIXELS)
        picture.load()
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError) as problem:
        raise UnfitError(DAMAGED) from problem
    return sides


def video(body: bytes) -> Frame:
    """The middle frame.

    Raises:
        UnfitError: size, type, or damaged.
        ImportError: PyAV is not installed.
    """
    if not 0 < len(body) <= FACTS.integer("largest_video_bytes"):
        raise UnfitError(BYTES)
    kind = _container(body)
    import av

    damaged = FACTS.integer("bad_video_code")
    try:
        with av.open(io.BytesIO(body), format=kind) as opened:
            if not opened.streams.video:
                raise UnfitError(damaged)
            start, duration = _span(opened)
        if duration > FACTS.number("longest_video_seconds"):
            raise UnfitError(damaged)
        with av.open(io.BytesIO(body), format=kind) as opened:
            found = _middle(opened, start + duration / 2)
    except (av.FFmpegError, ValueError, EOFError) as problem:
        raise UnfitError(damaged) from problem
    if found is None:
        raise UnfitError(damaged)
    picture, at = found
    picture.thumbnail(_FRAME)
    return Frame(picture, round(max(0.0, at - start), 3), duration)


def _container(body: bytes) -> str:
    kind = ""
    if body[4:12] in [b"ftyp" + each for each in PICTURE_BRANDS]:
        raise UnfitError(FACTS.integer("bad_video_code"))
    if body[4:8] in (b"ftyp", b"moov", b"mdat", b"wide"):
        kind = "mov" if body[4:12] != b"ftypisom" else "mp4"
    elif body.startswith(b"RIFF") and body[8:12] == b"AVI ":
        kind = "avi"
    elif body.startswith(b"FLV"):
        kind = "flv"
    elif body.startswith(_ASF):
        kind = "asf"
    elif body.startswith(b".RMF"):
        kind = "rm"
    if kind not in FACTS.texts("video_formats"):
        raise UnfitError(FACTS.integer("bad_video_code"))
    return _CONTAINERS[kind]


def _span(opened: "av.container.InputContainer") -> tuple[float, float]:
    """When the pictures start and how long they last: from the packets, since a header can say
    anything."""
    times: list[float] = []
    end = 0.0
    for packet in opened.demux(video=0):
        if packet.pts is None or packet.time_base is None:
            continue
        times.append(float(packet.pts * packet.time_base))
        end = max(end, times[-1] + float((packet.duration or 0) * packet.time_base))
        if len(times) > _MOST_PACKETS:
            raise ValueError("too many packets")
    if not times:
        raise ValueError("no pictures")
    first, last = min(times), max(times)
    if end <= last and len(times) > 1:
        # A packet without a duration: the last picture stays as long as the others.
        end = last + (last - first) / (len(times) - 1)
    return first, end - first


def _middle(
    opened: "av.container.InputContainer", target: float
) -> tuple[Image.Image, float] | None:
    stream = opened.streams.video[0]
    stream.codec_context.thread_count = 1
    pixels = stream.codec_context.width * stream.codec_context.height
    latest: av.VideoFrame | None = None
    for frame in opened.decode(stream):
        pixels += frame.width * frame.height
        if pixels > _MOST_PIXELS:
            raise ValueError("too much to decode")
        latest = frame
        if frame.time is not None and frame.time >= target:
            break
    if latest is None:
        return None
    # PyAV has no types for this method.
    # PyAV has no type for this method.
    picture: Image.Image = latest.to_image()  # type: ignore[no-untyped-call]
    return picture, latest.time or 0.0


def _encoded(picture: Image.Image) -> str:
    written = io.BytesIO()
    picture.convert("RGB").save(written, "JPEG", quality=85)
    return base64.b64encode(written.getvalue()).decode()
