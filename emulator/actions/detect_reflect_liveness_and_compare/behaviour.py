"""DetectReflectLivenessAndCompare: fetch both files, prove their MD5, decode the photo, judge."""

import asyncio

from emulator import images
from emulator.actions.detect_reflect_liveness_and_compare.parameters import Parameters
from emulator.call import Answer, Call
from emulator.catalogue import Scenario
from emulator.digest import md5, same_md5
from emulator.downloads import FAILED, TooBigError, resource
from emulator.errors import ApiError

TARGET = "DetectReflectLivenessAndCompare"
PHOTO_SIZE = "FailedOperation.LifePhotoSizeError"


async def answer(call: Call, parameters: Parameters) -> Answer:
    """Conclude by scenario; what is wrong with the files comes first."""
    try:
        live_data, image = await _fetch(call, parameters)
        if not same_md5(live_data, parameters.live_data_md5):
            raise ApiError(call.facts.text("md5_mismatch_code"), "LiveDataMd5 is another file's.")
        if not same_md5(image, parameters.image_md5):
            raise ApiError(call.facts.text("md5_mismatch_code"), "ImageMd5 is another file's.")
        scenario = call.choose(live_data, image)
        frame = await asyncio.to_thread(_best_frame, call, image)
    except ApiError as problem:
        if not problem.code.startswith("FailedOperation."):
            raise
        return _concluded(call, problem.code, None, 0.0, problem.message)
    code, channel = scenario.text("code"), scenario.text("channel")
    if scenario.text("best_frame") is not None:
        return _success(call, scenario, frame)
    sim = scenario.number("sim")
    return _concluded(call, code or "", channel, sim, None)


async def _fetch(call: Call, parameters: Parameters) -> tuple[bytes, bytes]:
    for url in (parameters.live_data_url, parameters.image_url):
        try:
            region, key = resource(url)
        except ValueError as problem:
            raise ApiError(FAILED) from problem
        call.resources.append(key)
        if region is not None and region != call.region:
            raise ApiError(
                call.facts.text("region_mismatch_code"),
                f"The file is in {region}, the call is for {call.region}.",
            )
    wanted = (
        (parameters.live_data_url, call.facts.integer("largest_live_data_bytes")),
        (parameters.image_url, call.facts.integer("largest_image_bytes")),
    )
    results = await asyncio.gather(
        *(call.downloads.fetch(url, largest) for url, largest in wanted), return_exceptions=True
    )
    bodies = []
    for result, too_big in zip(results, (FAILED, PHOTO_SIZE), strict=True):
        if isinstance(result, TooBigError):
            raise ApiError(too_big, "The file is too big.")
        if isinstance(result, BaseException):
            raise result
        bodies.append(result)
    return bodies[0], bodies[1]


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
    """A business conclusion that is not Success, through the channel that the code takes."""
    own = "result" if code.startswith("FailedOperation.") else "internal_error_channel"
    if channel is None:
        channel = own if own == "result" else call.facts.text(own)
    if channel == "error":
        return Answer({}, code, ApiError(code, message))
    fields: dict[str, object] = {
        "Result": code,
        "Description": message or call.catalogue.message(code),
        "Sim": sim,
        **call.facts.table("fields_on_failure"),
    }
    return Answer(fields, code)


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
