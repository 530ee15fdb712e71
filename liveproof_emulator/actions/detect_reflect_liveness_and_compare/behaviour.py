"""DetectReflectLivenessAndCompare: fetch both files, prove their MD5, decode the photo, judge."""

import asyncio

from liveproof_emulator import files, images, verdicts
from liveproof_emulator.actions.detect_reflect_liveness_and_compare.parameters import Parameters
from liveproof_emulator.call import Answer, Call
from liveproof_emulator.catalogue import Scenario
from liveproof_emulator.digest import md5
from liveproof_emulator.downloads import FAILED
from liveproof_emulator.errors import ApiError
from liveproof_emulator.files import Remote

TARGET = "DetectReflectLivenessAndCompare"
PHOTO_SIZE = "FailedOperation.LifePhotoSizeError"


async def answer(call: Call, parameters: Parameters) -> Answer:
    """Conclude by scenario; what is wrong with the files comes first."""
    try:
        live_data, image = await files.fetch(
            call,
            Remote(parameters.live_data_url, call.facts.integer("largest_live_data_bytes"), FAILED),
            Remote(parameters.image_url, call.facts.integer("largest_image_bytes"), PHOTO_SIZE),
        )
        files.prove(call, "LiveDataMd5", live_data, parameters.live_data_md5)
        files.prove(call, "ImageMd5", image, parameters.image_md5)
        scenario = call.choose(live_data, image)
        frame = await asyncio.to_thread(_best_frame, call, image)
    except ApiError as problem:
        if not problem.code.startswith(verdicts.BUSINESS):
            raise
        return _concluded(call, problem.code, None, 0.0, problem.message)
    code, channel = scenario.text("code"), scenario.text("channel")
    if scenario.text("best_frame") is not None:
        return _success(call, scenario, frame)
    sim = scenario.number("sim")
    return _concluded(call, code or "", channel, sim, None)


def _best_frame(call: Call, image: bytes) -> bytes:
    sides = images.Sides(
        call.facts.integer("shortest_side_pixels"), call.facts.integer("longest_side_pixels")
    )
    try:
        return images.best_frame(image, sides)
    except images.UndecodableError as problem:
        raise ApiError("FailedOperation.ImageDecodeFailed") from problem
    except images.TooManyPixelsError as problem:
        raise ApiError("FailedOperation.ImageSizeTooLarge") from problem
    except images.TooFewPixelsError as problem:
        raise ApiError(PHOTO_SIZE) from problem


def _concluded(
    call: Call, code: str, channel: str | None, sim: float, message: str | None
) -> Answer:
    """A business conclusion that is not Success."""
    if channel is None and not code.startswith(verdicts.BUSINESS):
        channel = call.facts.text("internal_error_channel")
    empty = call.facts.table("fields_on_failure")
    return verdicts.failure(call, code, empty, channel=channel, sim=sim, message=message)


def _success(call: Call, scenario: Scenario, frame: bytes) -> Answer:
    lifetime = call.facts.integer("best_frame_seconds")
    key = call.new_object_key(TARGET)
    kind = scenario.text("best_frame")
    if kind != "missing":
        call.keep(key, frame, "image/jpeg", scenario.number("seconds"))
    url = call.presigned("GET", key, -lifetime if kind == "expired" else lifetime)
    proof = md5(frame + b"\0" if kind == "wrong-md5" else frame)
    fields: dict[str, object] = {
        "BestFrameUrl": "" if kind == "not-given" else url,
        "BestFrameMd5": "" if kind == "not-given" else proof,
        "Description": call.catalogue.message("Success"),
        "Result": scenario.text("code"),
        "Sim": scenario.values.get("sim"),
    }
    sent = {name: value for name, value in fields.items() if value is not None}
    return Answer(sent, scenario.text("code"))
