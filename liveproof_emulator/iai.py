"""What the two actions on photos have in common: fetching, limits, scores.

Theirs is the Error channel only: an answer that has a score has no code.
"""

import asyncio
from collections.abc import Sequence

from liveproof_emulator import files, images, verdicts
from liveproof_emulator.call import Answer, Call
from liveproof_emulator.catalogue import BILLED, Scenario
from liveproof_emulator.downloads import FAILED, NO_URL, TIMED_OUT
from liveproof_emulator.errors import ApiError

TOO_BIG = "FailedOperation.ImageSizeExceed"
UNDECODABLE = "FailedOperation.ImageDecodeFailed"
TOO_MANY_PIXELS = "FailedOperation.ImageResolutionExceed"
TOO_FEW_PIXELS = "FailedOperation.ImageResolutionTooSmall"


async def photo(call: Call, name: str, encoded: str, url_name: str, url: str) -> bytes:
    """The bytes of a photo; its URL wins over base64.

    Raises:
        ApiError: neither was given, it cannot be had or it is too big.
    """
    largest = call.facts.integer("largest_image_base64")
    if not url and not encoded:
        raise ApiError(call.facts.text("absent_image_code"), f"{name} or {url_name} is needed.")
    if not url:
        return files.decoded(call, name, encoded, largest, TOO_BIG)
    remote = files.Remote(url, files.raw_bytes(largest), TOO_BIG)
    try:
        (body,) = await files.fetch(call, remote, pinned=False)
    except ApiError as problem:
        if problem.code not in (FAILED, TIMED_OUT):
            raise
        told = "url_code" if problem.message == NO_URL else "download_code"
        raise ApiError(call.facts.text(told), problem.message) from problem
    return body


async def score(
    call: Call, scenario: Scenario, photos: Sequence[bytes], model_version: str
) -> Answer:
    """Decode the photos and answer with the scenario's score or code."""
    verdicts.refuse_if_played(call, scenario)
    try:
        for each in photos:
            await asyncio.to_thread(_check, call, each)
    except ApiError as problem:
        return Answer({}, problem.code, problem)
    code = scenario.text("code")
    if code is not None:
        return Answer({}, code, ApiError(code))
    fields: dict[str, object] = {"FaceModelVersion": model_version}
    if scenario.values.get("score") is not None:
        fields["Score"] = scenario.number("score")
    return Answer(fields, billed=BILLED[call.facts.text("success_billed")])


def _check(call: Call, body: bytes) -> None:
    facts = call.facts
    sides = images.Sides(
        facts.integer("shortest_side_pixels"),
        facts.integer("longest_jpg_side_pixels"),
        facts.integer("longest_other_side_pixels"),
    )
    try:
        images.check(body, sides, facts.texts("formats"))
    except images.UndecodableError as problem:
        raise ApiError(UNDECODABLE) from problem
    except images.TooManyPixelsError as problem:
        raise ApiError(TOO_MANY_PIXELS) from problem
    except images.TooFewPixelsError as problem:
        raise ApiError(TOO_FEW_PIXELS) from problem
