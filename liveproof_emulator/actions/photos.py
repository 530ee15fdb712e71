"""What IAI's two actions on photos share: getting a photo, its limits, the score.

These actions send their codes through Response.Error only. An answer with a score has no code.
"""

import asyncio
from collections.abc import Sequence

from liveproof_emulator.actions import files, results
from liveproof_emulator.actions.call import Answer, Call
from liveproof_emulator.actions.downloads import FAILED, NO_URL, TIMED_OUT
from liveproof_emulator.errors import ApiError
from liveproof_emulator.media import images
from liveproof_emulator.model import BILLED, Scenario

TOO_BIG = "FailedOperation.ImageSizeExceed"
UNDECODABLE = "FailedOperation.ImageDecodeFailed"
TOO_MANY_PIXELS = "FailedOperation.ImageResolutionExceed"
TOO_FEW_PIXELS = "FailedOperation.ImageResolutionTooSmall"


async def get_photo(call: Call, name: str, encoded: str, url_name: str, url: str) -> bytes:
    """The bytes of a photo, which comes as base64 or by URL. The URL wins.

    Raises:
        ApiError: both are missing, or the photo cannot be downloaded or decoded, or is too big.
    """
    max_characters = call.facts.integer("largest_image_base64")
    if not url and not encoded:
        raise ApiError(call.facts.text("absent_image_code"), f"{name} or {url_name} is needed.")
    if not url:
        return files.decode_base64(call, name, encoded, max_characters, TOO_BIG)
    remote = files.RemoteFile(url, files.max_bytes_of_base64(max_characters), TOO_BIG)
    try:
        (body,) = await files.fetch(call, remote, same_region=False)
    except ApiError as problem:
        if problem.code not in (FAILED, TIMED_OUT):
            raise
        code = "url_code" if problem.message == NO_URL else "download_code"
        raise ApiError(call.facts.text(code), problem.message) from problem
    return body


async def score(
    call: Call, scenario: Scenario, photos: Sequence[bytes], model_version: str
) -> Answer:
    """Decode the photos, and answer with the scenario's score or code.

    Raises:
        ApiError: the scenario is a refusal.
    """
    results.refuse(call, scenario)
    try:
        for photo in photos:
            await asyncio.to_thread(_check, call, photo)
    except ApiError as problem:
        return Answer({}, problem.code, problem)
    code = scenario.text("code")
    if code is not None:
        return Answer({}, code, ApiError(code))
    fields: dict[str, object] = {"FaceModelVersion": model_version}
    if scenario.values.get("score") is not None:
        fields["Score"] = scenario.number("score")
    return Answer(fields, billed=BILLED[call.facts.text("success_billed")])


def _check(call: Call, photo: bytes) -> None:
    facts = call.facts
    sides = images.Sides(
        facts.integer("shortest_side_pixels"),
        facts.integer("longest_jpg_side_pixels"),
        facts.integer("longest_other_side_pixels"),
    )
    try:
        images.decode(photo, sides, facts.texts("formats"))
    except images.UndecodableError as problem:
        raise ApiError(UNDECODABLE) from problem
    except images.TooManyPixelsError as problem:
        raise ApiError(TOO_MANY_PIXELS) from problem
    except images.TooFewPixelsError as problem:
        raise ApiError(TOO_FEW_PIXELS) from problem
