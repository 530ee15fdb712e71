"""Checking SenseID's photos and videos, and the middle frame of a video. Everything here blocks:
call it in a thread.

PyAV is imported with the first video, so that the emulator starts fast, and without PyAV.
"""

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from liveproof_emulator.media import images
from liveproof_emulator.media.videos import (
    FRAME_PIXELS,
    PICTURE_BRANDS,
    UndecodableVideoError,
    span,
)
from liveproof_emulator.senseid.catalogue import FACTS

if TYPE_CHECKING:
    import av

PIXELS = 2003
BYTES = 2004
DAMAGED = 2005

_MAX_PIXELS = 500_000_000
# The names that the facts use, and those of media.images.
_FORMATS = {"JPEG": "jpg", "PNG": "png", "BMP": "bmp", "GIF": "gif", "TIFF": "tiff"}
# Named and not guessed by FFmpeg, whose playlists would open other files.
_CONTAINERS = {"mov": "mov", "mp4": "mp4", "avi": "avi", "flv": "flv", "asf": "asf", "rm": "rm"}
_ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"


class UnfitError(Exception):
    """The file is not allowed; `code` is SenseID's."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Frame:
    """The middle frame of a video, at `seconds`; `duration` is the video's, in seconds."""

    picture: Image.Image
    seconds: float
    duration: float

    def image_base64(self) -> str:
        """The frame as JPEG."""
        return _jpeg_base64(self.picture)

    def face_base64(self) -> str:
        """The middle of the frame, where a face would be, as JPEG."""
        width, height = self.picture.size
        side = (width // 4, height // 4, max(width * 3 // 4, 1), max(height * 3 // 4, 1))
        return _jpeg_base64(self.picture.crop(side))


def check_image(body: bytes) -> tuple[int, int]:
    """Decode a photo; returns its width and height.

    Raises:
        UnfitError: too few or too many bytes or pixels, another format, or damaged.
    """
    if not 0 < len(body) <= FACTS.integer("largest_image_bytes"):
        raise UnfitError(BYTES)
    sides = images.Sides(
        FACTS.integer("shortest_side_pixels"), FACTS.integer("longest_side_pixels")
    )
    formats = tuple(_FORMATS[name] for name in FACTS.texts("image_formats"))
    try:
        return images.decode(body, sides, formats).size
    except (images.TooFewPixelsError, images.TooManyPixelsError) as problem:
        raise UnfitError(PIXELS) from problem
    except images.UndecodableError as problem:
        raise UnfitError(DAMAGED) from problem


def middle_frame(body: bytes) -> Frame:
    """Decode a video as far as its middle frame.

    Raises:
        UnfitError: too few or too many bytes, another format, too long, or damaged.
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
            start, duration = span(opened)
        if duration > FACTS.number("longest_video_seconds"):
            raise UnfitError(damaged)
        with av.open(io.BytesIO(body), format=kind) as opened:
            middle = _frame_at(opened, start + duration / 2)
    except (av.FFmpegError, UndecodableVideoError, ValueError, EOFError) as problem:
        raise UnfitError(damaged) from problem
    if middle is None:
        raise UnfitError(damaged)
    picture, at = middle
    picture.thumbnail(FRAME_PIXELS)
    return Frame(picture, round(max(0.0, at - start), 3), duration)


def _container(body: bytes) -> str:
    """FFmpeg's name of the container, by the first bytes."""
    kind = ""
    if body[4:12] in [b"ftyp" + brand for brand in PICTURE_BRANDS]:
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


def _frame_at(
    opened: "av.container.InputContainer", target: float
) -> tuple[Image.Image, float] | None:
    """The first picture at `target` seconds or later, otherwise the last one, and its time."""
    stream = opened.streams.video[0]
    stream.codec_context.thread_count = 1
    pixels = stream.codec_context.width * stream.codec_context.height
    latest: av.VideoFrame | None = None
    for frame in opened.decode(stream):
        pixels += frame.width * frame.height
        if pixels > _MAX_PIXELS:
            raise ValueError("too much to decode")
        latest = frame
        if frame.time is not None and frame.time >= target:
            break
    if latest is None:
        return None
    # PyAV has no type for this method.
    picture: Image.Image = latest.to_image()  # type: ignore[no-untyped-call]
    return picture, latest.time or 0.0


def _jpeg_base64(picture: Image.Image) -> str:
    jpeg = images.encode_jpeg(picture.convert("RGB"), FRAME_PIXELS)
    return base64.b64encode(jpeg).decode()
