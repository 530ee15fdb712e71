"""DetectReflectLivenessAndCompare: live data and a photo by URL, a code, a best frame by URL."""

import asyncio

from liveproof_emulator.actions import files, results
from liveproof_emulator.actions.call import Answer, Call
from liveproof_emulator.actions.detect_reflect_liveness_and_compare.parameters import Parameters
from liveproof_emulator.actions.downloads import FAILED
from liveproof_emulator.actions.files import RemoteFile
from liveproof_emulator.cos.store import md5
from liveproof_emulator.errors import ApiError
from liveproof_emulator.media import images
from liveproof_emulator.model import Scenario

TARGET = "DetectReflectLivenessAndCompare"
PHOTO_SIZE = "FailedOperation.LifePhotoSizeError"
_BEST_FRAME_PIXELS = (480, 640)


async def answer(call: Call, parameters: Parameters) -> Answer:
    """Get the files, choose the scenario; a bad file is answered before the scenario."""
    try:
        live_data, image = await files.fetch(
            call,
            RemoteFile(
                parameters.live_data_url, call.facts.integer("largest_live_data_bytes"), FAILED
            ),
            RemoteFile(parameters.image_url, call.facts.integer("largest_image_bytes"), PHOTO_SIZE),
        )
        files.verify_md5(call, "LiveDataMd5", live_data, parameters.live_data_md5)
        files.verify_md5(call, "ImageMd5", image, parameters.image_md5)
        scenario = call.choose(live_data, image)
        frame = await asyncio.to_thread(_best_frame, call, image)
    except ApiError as problem:
        if not problem.code.startswith(results.BUSINESS):
            raise
        return _failure(call, problem.code, None, 0.0, problem.message)
    code, channel = scenario.text("code"), scenario.text("channel")
    if scenario.text("best_frame") is not None:
        return _success(call, scenario, frame)
    sim = scenario.number("sim")
    return _failure(call, code or "", channel, sim, None)


def _best_frame(call: Call, image: bytes) -> bytes:
    sides = images.Sides(
        call.facts.integer("shortest_side_pixels"), call.facts.integer("longest_side_pixels")
    )
    try:
        picture = images.decode(image, sides)
    except images.UndecodableError as problem:
        raise ApiError("FailedOperation.ImageDecodeFailed") from problem
    except images.TooManyPixelsError as problem:
        raise ApiError("FailedOperation.ImageSizeTooLarge") from problem
    except images.TooFewPixelsError as problem:
        raise ApiError(PHOTO_SIZE) from problem
    return images.encode_jpeg(picture.convert("RGB"), _BEST_FRAME_PIXELS)


def _failure(call: Call, code: str, channel: str | None, sim: float, message: str | None) -> Answer:
    """The answer for any code but Success."""
    if channel is None and not code.startswith(results.BUSINESS):
        channel = call.facts.text("internal_error_channel")
    empty = call.facts.table("fields_on_failure")
    return results.failure(call, code, empty, channel=channel, sim=sim, message=message)


def _success(call: Call, scenario: Scenario, frame: bytes) -> Answer:
    lifetime = call.facts.integer("best_frame_seconds")
    key = call.new_object_key(TARGET)
    kind = scenario.text("best_frame")
    if kind != "missing":
        call.store_object(key, frame, "image/jpeg", scenario.number("seconds"))
    url = call.presign("GET", key, -lifetime if kind == "expired" else lifetime)
    frame_md5 = md5(frame + b"\0" if kind == "wrong-md5" else frame)
    fields: dict[str, object] = {
        "BestFrameUrl": "" if kind == "not-given" else url,
        "BestFrameMd5": "" if kind == "not-given" else frame_md5,
        "Description": call.message("Success"),
        "Result": scenario.text("code"),
        "Sim": scenario.values.get("sim"),
    }
    sent = {name: value for name, value in fields.items() if value is not None}
    return Answer(sent, scenario.text("code"))
