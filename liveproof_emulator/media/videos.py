"""Decoding a video: its container, how long it lasts, and frames out of it.

PyAV is imported with the first video, so that the emulator starts fast, and without PyAV.
Everything here blocks: call it in a thread.
"""

import io
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

from liveproof_emulator.media.images import encode_jpeg

if TYPE_CHECKING:
    import av

FRAME_PIXELS = (1280, 1280)
"""The largest width and height of a frame."""
_MAX_PACKETS = 100_000
_ROUNDING = 1e-6

PICTURE_BRANDS = (
    b"mif1", b"mif2", b"msf1", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"avci",
    b"avcs", b"avif", b"avis", b"crx ",
)  # fmt: skip
"""Major brands of pictures, whose files begin with an `ftyp` box as videos do."""


class NoVideoError(Exception):
    """The bytes are no MP4, AVI or FLV with pictures."""


class UndecodableVideoError(Exception):
    """The container can be read but its pictures cannot, or there is too much to decode."""


class TooShortError(Exception):
    """The video lasts less than allowed."""


class TooLongError(Exception):
    """The video lasts longer than allowed."""


@dataclass(frozen=True)
class Bounds:
    """Allowed lengths, and the most pixels to decode: of one frame, and of all frames together."""

    shortest_seconds: float
    longest_seconds: float
    largest_frame_pixels: int
    most_pixels: int


def frames(video: bytes, count: int, bounds: Bounds) -> list[bytes]:
    """`count` frames as JPEG, evenly spread; one frame is the middle one.

    A short video may give fewer.

    Raises:
        NoVideoError, UndecodableVideoError, TooShortError, TooLongError: it is not allowed.
        ImportError: PyAV is not installed.
    """
    kind = container(video)
    import av

    # Decoders meet the sizes of the pictures before we do; they count their own margins as well.
    decoder = {"max_pixels": str(bounds.largest_frame_pixels * 2)}
    try:
        with av.open(io.BytesIO(video), format=kind, options=decoder) as opened:
            if not opened.streams.video:
                raise NoVideoError
            start, seconds = span(opened)
        if seconds < bounds.shortest_seconds:
            raise TooShortError
        if seconds > bounds.longest_seconds:
            raise TooLongError
        targets = [start + seconds * (index + 0.5) / count for index in range(count)]
        with av.open(io.BytesIO(video), format=kind, options=decoder) as opened:
            _decoder(opened).options = decoder
            jpegs = _pick(opened, targets, bounds)
    except (av.FFmpegError, ValueError, EOFError) as problem:
        raise UndecodableVideoError from problem
    if not jpegs:
        raise UndecodableVideoError
    return jpegs


def container(video: bytes) -> str:
    """`mp4`, `avi` or `flv`, by the first bytes. NoVideoError if it is none of them."""
    if video[4:8] == b"ftyp" and video[8:12] not in (b"qt  ", *PICTURE_BRANDS):
        return "mp4"
    if video[:4] == b"RIFF" and video[8:12] == b"AVI ":
        return "avi"
    if video[:3] == b"FLV":
        return "flv"
    raise NoVideoError


def span(opened: "av.container.InputContainer") -> tuple[float, float]:
    """When the pictures start and how long they last, in seconds.

    This is read from the packets: the header can say anything.

    Raises:
        UndecodableVideoError: there are no pictures, or too many.
    """
    first = last = end = 0.0
    count = 0
    for packet in opened.demux(video=0):
        if packet.pts is None or packet.time_base is None:
            continue
        at = float(packet.pts * packet.time_base)
        first = at if count == 0 else min(first, at)
        last = at if count == 0 else max(last, at)
        end = max(end, at + float((packet.duration or 0) * packet.time_base))
        count += 1
        if count > _MAX_PACKETS:
            raise UndecodableVideoError
    if count == 0:
        raise UndecodableVideoError
    if end <= last and count > 1:
        # FLV has no duration for a packet: the last picture stays as long as the others.
        end = last + (last - first) / (count - 1)
    return first, end - first


def _decoder(opened: "av.container.InputContainer") -> "av.VideoCodecContext":
    # None for an unknown codec, although the package's types say otherwise.
    context: av.VideoCodecContext | None = getattr(opened.streams.video[0], "codec_context", None)
    if context is None:
        raise UndecodableVideoError
    context.thread_count = 1
    return context


def _pick(
    opened: "av.container.InputContainer", targets: list[float], bounds: Bounds
) -> list[bytes]:
    """The picture that is on screen at each of the rising times, no picture twice, as JPEG."""
    waiting = deque(targets)
    jpegs: list[bytes] = []
    pixels = 0
    shown: av.VideoFrame | None = None
    for frame in opened.decode(video=0):
        size = frame.width * frame.height
        pixels += size
        if size > bounds.largest_frame_pixels or pixels > bounds.most_pixels:
            raise UndecodableVideoError
        until = frame.time if frame.time is not None else waiting[0]
        if shown is not None and until > waiting[0] + _ROUNDING:
            jpegs.append(_jpeg(shown))
            while waiting and until > waiting[0] + _ROUNDING:
                waiting.popleft()
            if not waiting:
                return jpegs
        shown = frame
    if shown is not None:
        jpegs.append(_jpeg(shown))
    return jpegs


def _jpeg(frame: "av.VideoFrame") -> bytes:
    """Turned upright: a phone's recording says how it was held."""
    untyped: Any = frame
    picture: Image.Image = untyped.to_image()
    if frame.rotation % 360:
        picture = picture.rotate(frame.rotation, expand=True)
    return encode_jpeg(picture, FRAME_PIXELS)
