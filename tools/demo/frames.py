"""Is a picture a frame of a film? Compared by their appearance, since both are compressed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageChops, ImageStat

from tools.processes import ToolError

# Compared this small, compression is averaged away and movement is not.
_SIDE = 160
# Mean difference of a colour, of 255. JPEG and scaling cost 1 to 2; another film costs tens.
_CLOSE = 4.0
_SHAPES_ALIKE = 0.02


@dataclass(frozen=True)
class Match:
    """The frame of a film that a picture is most like.

    Attributes:
        number: which frame, from 1.
        count: frames of the film.
        difference: mean difference of a colour, 0 to 255.
    """

    number: int
    count: int
    difference: float

    @property
    def is_frame(self) -> bool:
        """Whether the picture is that frame."""
        return self.difference <= _CLOSE


def nearest(video: bytes, picture: bytes) -> Match:
    """The frame that `picture` is most like.

    Raises:
        ToolError: one of them cannot be decoded, or no frame has the picture's shape.
    """
    try:
        target = Image.open(io.BytesIO(picture)).convert("RGB")
    except OSError as error:
        raise ToolError(f"the picture cannot be decoded: {error}") from None
    shape = target.width / target.height
    target.thumbnail((_SIDE, _SIDE))
    best, count = Match(0, 0, 255.0), 0
    for count, frame in enumerate(_frames(video), 1):
        if abs(frame.width / frame.height / shape - 1) > _SHAPES_ALIKE:
            continue
        difference = ImageChops.difference(frame.resize(target.size, Image.Resampling.BOX), target)
        mean = sum(ImageStat.Stat(difference).mean) / 3
        if mean < best.difference:
            best = Match(count, 0, mean)
    if best.number == 0:
        raise ToolError("no frame has the picture's shape")
    return Match(best.number, count, best.difference)


def seconds(video: bytes) -> float:
    """How long the film's pictures last. Raises ToolError if it cannot be read."""
    import av

    start, end = float("inf"), 0.0
    try:
        with av.open(io.BytesIO(video)) as film:
            for packet in film.demux(video=0):
                if packet.pts is not None and packet.time_base is not None:
                    at = float(packet.pts * packet.time_base)
                    start = min(start, at)
                    end = max(end, at + float((packet.duration or 0) * packet.time_base))
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise ToolError(f"the film cannot be read: {error}") from None
    if end <= start:
        raise ToolError("the film has no pictures")
    return end - start


def _frames(video: bytes) -> Iterator[Image.Image]:
    import av

    try:
        with av.open(io.BytesIO(video)) as film:
            for frame in film.decode(video=0):
                untyped: Any = frame
                picture: Image.Image = untyped.to_image()
                # Upright, as a phone's recording is meant to be seen.
                yield picture.rotate(frame.rotation, expand=True) if frame.rotation else picture
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise ToolError(f"the film cannot be decoded: {error}") from None
