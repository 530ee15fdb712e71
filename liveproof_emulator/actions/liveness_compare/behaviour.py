"""LivenessCompare: the older check of a video, with files as base64 or by URL and no region."""

import base64
import json

from liveproof_emulator import files, liveness
from liveproof_emulator.actions.liveness_compare.parameters import Parameters
from liveproof_emulator.call import Answer, Call
from liveproof_emulator.catalogue import Scenario
from liveproof_emulator.errors import ApiError

EMPTY: dict[str, object] = {"BestFrameBase64": None, "BestFrameList": None}


async def answer(call: Call, parameters: Parameters) -> Answer:
    """Conclude by scenario; what is wrong with the files comes first."""
    liveness.check_challenge(call, parameters.liveness_type, parameters.validate_data)
    count = _frames_wanted(call, parameters.optional)
    try:
        image, video = await _files(call, parameters)
        scenario = call.choose(image, video)
        frames = await liveness.best_frames(call, image, video, count)
    except ApiError as problem:
        return liveness.failed(call, problem, EMPTY)
    return liveness.conclude(call, scenario, _served(scenario, frames), EMPTY)


async def _files(call: Call, parameters: Parameters) -> tuple[bytes, bytes]:
    """The photo and the video; base64 wins over a URL."""
    limits = liveness.Limits.of(call)
    given = (
        ("Image", parameters.image_base64, limits.image, limits.remote_image(parameters.image_url)),
        ("Video", parameters.video_base64, limits.video, limits.remote_video(parameters.video_url)),
    )
    for name, encoded, _, remote in given:
        if not encoded and not remote.url:
            raise ApiError(
                call.facts.text("absent_file_code"), f"{name}Base64 or {name}Url is needed."
            )
    found = {
        name: files.decoded(call, f"{name}Base64", encoded, largest, remote.too_big)
        for name, encoded, largest, remote in given
        if encoded
    }
    remotes = {name: remote for name, encoded, _, remote in given if not encoded}
    fetched = await files.fetch(call, *remotes.values(), pinned=False)
    found.update(zip(remotes, fetched, strict=True))
    return found["Image"], found["Video"]


def _frames_wanted(call: Call, optional: str) -> int:
    """BestFrameNum of the Optional, which is JSON in a string; 1 without it."""
    refusal = call.facts.text("optional_code")
    try:
        value = json.loads(optional or "{}")
    except (ValueError, RecursionError) as problem:
        raise ApiError(refusal, "Optional is no JSON.") from problem
    if not isinstance(value, dict):
        raise ApiError(refusal, "Optional is no JSON object.")
    if "BestFrameNum" not in value:
        return 1
    count = value["BestFrameNum"]
    fewest = call.facts.integer("fewest_best_frames")
    most = call.facts.integer("most_best_frames")
    if isinstance(count, bool) or not isinstance(count, int) or not fewest <= count <= most:
        raise ApiError(refusal, f"BestFrameNum is a whole number from {fewest} to {most}.")
    return count


def _served(scenario: Scenario, frames: list[bytes]) -> dict[str, object]:
    encoded = [base64.b64encode(frame).decode() for frame in frames]
    best = liveness.encoded_frame(scenario, frames[len(frames) // 2])
    kind = scenario.text("best_frame")
    return {
        "BestFrameBase64": best,
        "BestFrameList": None if kind in ("not-given", "no-list") else encoded,
    }
