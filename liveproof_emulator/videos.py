"""Decoding a video: its container, how long it lasts, and frames out of it.

PyAV is imported by the first video, so that an emulator that judges none starts fast and without.
Everything here blocks; call it in a thread.
"""

import io
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

from liveproof_emulator.images import jpeg

if TYPE_CHECKING:
    import av

_FRAME = (1280, 1280)
_MOST_PACKETS = 100_000
_ROUNDING = 1e-6

PICTURE_BRANDS = (
    b"mif1", b"mif2", b"msf1", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"avci",
    b"avcs", b"avif", b"avis", b"crx ",
)  # fmt: skip
"""Major brands of pictures, which begin with an `ftyp` box as films do."""


class NoVideoError(Exception):
    """The bytes are no MP4, AVI or FLV with a picture in it."""


class UndecodableVideoError(Exception):
    """The container can be read and its pictures cannot, or there is too much to decode."""


class TooShortError(Exception):
    """The video lasts less than allowed."""


class TooLongError(Exception):
    """The video lasts longer than allowed."""


@dataclass(frozen=True)
class Bounds:
    """What is allowed, and how much is decoded at most: of one frame, and of all together."""

    shortest_seconds: float
    longest_seconds: float
    largest_frame_pixels: int
    most_pixels: int


def frames(video: bytes, count: int, bounds: Bounds) -> list[bytes]:
    """`count` frames as JPEG, spread evenly; one is the middle. A short video may have fewer.

    Raises:
        NoVideoError, UndecodableVideoError, TooShortError, TooLongError: what is wrong with it.
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
            start, seconds = _span(opened)
        if seconds < bounds.shortest_seconds:
            raise TooShortError
        if seconds > bounds.longest_seconds:
            raise TooLongError
        targets = [start + seconds * (index + 0.5) / count for index in range(count)]
        with av.open(io.BytesIO(video), format=kind, options=decoder) as opened:
            _decoder(opened).options = decoder
            found = _pick(opened, targets, bounds)
    except (av.FFmpegError, ValueError, EOFError) as problem:
        raise UndecodableVideoError from problem
    if not found:
        raise UndecodableVideoError
    return found


def container(video: bytes) -> str:
    """`mp4`, `avi` or `flv`, by the first bytes. NoVideoError if it is none of them."""
    if video[4:8] == b"ftyp" and video[8:12] not in (b"qt  ", *PICTURE_BRANDS):
        return "mp4"
    if video[:4] == b"RIFF" and video[8:12] == b"AVI ":
        return "avi"
    if video[:3] == b"FLV":
        return "flv"
    raise NoVideoError


def _span(opened: "av.container.InputContainer") -> tuple[float, float]:
    """When the pictures start and how long they last, in seconds.

    From the packets and not from the header, which can say anything.
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
        if count > _MOST_PACKETS:
            raise UndecodableVideoError
    if count == 0:
        raise UndecodableVideoError
    if end <= last and count > 1:
        # FLV has no duration for a packet: the last picture stays as long as the others.
        end = last + (last - first) / (count - 1)
    return first, end - first


def _decoder(opened: "av.container.InputContainer") -> "av.VideoCodecContext":
    # None for a codec that nobody knows, whatever the package's types say.
    context: av.VideoCodecContext | None = getattr(opened.streams.video[0], "codec_context", None)
    if context is None:
        raise UndecodableVideoError
    context.thread_count = 1
    return context


def _pick(
    opened: "av.container.InputContainer", targets: list[float], bounds: Bounds
) -> list[bytes]:
    """The picture that is to be seen at each of the rising times; none of them twice."""
    waiting = deque(targets)
    found: list[bytes] = []
    pixels = 0
    shown: av.VideoFrame | None = None
    for frame in opened.decode(video=0):
        size = frame.width * frame.height
        pixels += size
        if size > bounds.largest_frame_pixels or pixels > bounds.most_pixels:
            raise UndecodableVideoError
        until = frame.time if frame.time is not None else waiting[0]
        if shown is not None and until > waiting[0] + _ROUNDING:
            found.append(_jpeg(shown))
            while waiting and until > waiting[0] + _ROUNDING:
                waiting.popleft()
            if not waiting:
                return found
        shown = frame
    if shown is not None:
        found.append(_jpeg(shown))
    return found


def _jpeg(frame: "av.VideoFrame") -> bytes:
    """Upright, as a phone's recording is meant to be seen."""
    untyped: Any = frame
    picture: Image.Image = untyped.to_image()
    if frame.rotation % 360:
        picture = picture.rotate(frame.rotation, expand=True)
    return jpeg(picture, _FRAME)
