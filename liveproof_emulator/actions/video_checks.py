"""What the three checks of a video share: challenge, sizes, photo, frames, answer."""

import asyncio
import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass

from liveproof_emulator.actions import files, results
from liveproof_emulator.actions.call import Answer, Call
from liveproof_emulator.actions.files import RemoteFile
from liveproof_emulator.errors import ApiError
from liveproof_emulator.media import images, videos
from liveproof_emulator.model import Scenario

PHOTO_SIZE = "FailedOperation.LifePhotoSizeError"
VIDEO_SIZE = "FailedOperation.LipSizeError"
VIDEO_FORMAT = "FailedOperation.LipVideoInvalid"
TOO_SHORT = "FailedOperation.SilentTooShort"
TOO_LONG = "FailedOperation.VideoDurationExceeded"
UNDECODABLE = "FailedOperation.VideoDecodeFailed"

_CHALLENGES = {
    "LIP": re.compile(r"[0-9]{4}\Z"),
    "ACTION": re.compile(r"[1-4](,[1-4])?\Z"),
    "SILENT": re.compile(r"\Z"),
}


@dataclass(frozen=True)
class Limits:
    """Sizes of the photo and the video, in characters of base64."""

    image: int
    video: int

    @classmethod
    def of(cls, call: Call) -> "Limits":
        """The limits in the facts of the call's action."""
        return cls(
            call.facts.integer("largest_image_base64"), call.facts.integer("largest_video_base64")
        )

    def remote_image(self, url: str) -> RemoteFile:
        """A photo behind a URL."""
        return RemoteFile(url, files.max_bytes_of_base64(self.image), PHOTO_SIZE)

    def remote_video(self, url: str) -> RemoteFile:
        """A video behind a URL."""
        return RemoteFile(url, files.max_bytes_of_base64(self.video), VIDEO_SIZE)


def check_challenge(call: Call, liveness_type: str, validate_data: str) -> None:
    """ApiError unless ValidateData has the form that LivenessType needs."""
    if not _CHALLENGES[liveness_type].match(validate_data):
        raise ApiError(
            call.facts.text("validate_data_code"),
            "ValidateData: four digits for LIP, one or two of 1 to 4 for ACTION, none for SILENT.",
        )


async def best_frames(call: Call, image: bytes, video: bytes, count: int) -> list[bytes]:
    """Decode both files; returns `count` frames of the video as JPEG.

    Raises:
        ApiError: the photo or the video is not allowed; the code says why.
    """
    await asyncio.to_thread(_check_photo, call, image)
    return await asyncio.to_thread(_frames, call, video, count)


def conclude(
    call: Call,
    scenario: Scenario,
    fields_of_success: Mapping[str, object],
    empty: Mapping[str, object],
) -> Answer:
    """The scenario's answer.

    Args:
        call: the call.
        scenario: its scenario.
        fields_of_success: what a Success sends besides Result, Description and Sim.
        empty: the same for any other code.

    Raises:
        ApiError: the scenario is a refusal.
    """
    results.refuse(call, scenario)
    code = scenario.text("code")
    if scenario.text("best_frame") is None:
        channel, sim = scenario.text("channel"), scenario.number("sim")
        return results.failure(call, code or "", empty, channel=channel, sim=sim)
    fields: dict[str, object] = {"Description": call.message("Success"), **fields_of_success}
    if code is not None:
        fields["Result"] = code
    if scenario.values.get("sim") is not None:
        fields["Sim"] = scenario.number("sim")
    return Answer(fields, code)


def file_failure(call: Call, problem: ApiError, empty: Mapping[str, object]) -> Answer:
    """The answer for a bad file, as Result. A `problem` without a business code is raised again."""
    if not problem.code.startswith(results.BUSINESS):
        raise problem
    return results.failure(call, problem.code, empty, message=problem.message)


def encoded_frame(scenario: Scenario, frame: bytes) -> str | None:
    """BestFrameBase64, good or bad as the scenario says."""
    kind = scenario.text("best_frame")
    if kind == "not-given":
        return None
    if kind == "not-base64":
        return "no base64!"
    return base64.b64encode(frame[: len(frame) // 2] if kind == "broken" else frame).decode()


def _check_photo(call: Call, image: bytes) -> None:
    sides = images.Sides(
        call.facts.integer("shortest_side_pixels"), call.facts.integer("longest_side_pixels")
    )
    try:
        images.decode(image, sides)
    except images.UndecodableError as problem:
        raise ApiError(call.facts.text("undecodable_image_code")) from problem
    except (images.TooManyPixelsError, images.TooFewPixelsError) as problem:
        raise ApiError(PHOTO_SIZE) from problem


def _frames(call: Call, video: bytes, count: int) -> list[bytes]:
    facts = call.facts
    bounds = videos.Bounds(
        facts.number("shortest_video_seconds"),
        facts.number("longest_video_seconds"),
        facts.integer("largest_frame_pixels"),
        facts.integer("most_decoded_pixels"),
    )
    try:
        return videos.frames(video, count, bounds)
    except videos.NoVideoError as problem:
        raise ApiError(VIDEO_FORMAT if video else VIDEO_SIZE) from problem
    except videos.TooShortError as problem:
        raise ApiError(TOO_SHORT) from problem
    except videos.TooLongError as problem:
        raise ApiError(TOO_LONG) from problem
    except videos.UndecodableVideoError as problem:
        raise ApiError(UNDECODABLE) from problem
    except ImportError as problem:
        raise ApiError("InternalError", "emulator: videos need the package av (PyAV).") from problem
