"""LivenessCompare: the older check of a video, with files as base64 or by URL and no region."""

import base64
import json

from liveproof_emulator.actions import files, video_checks
from liveproof_emulator.actions.call import Answer, Call
from liveproof_emulator.actions.liveness_compare.parameters import Parameters
from liveproof_emulator.errors import ApiError
from liveproof_emulator.model import Scenario

EMPTY: dict[str, object] = {"BestFrameBase64": None, "BestFrameList": None}


async def answer(call: Call, parameters: Parameters) -> Answer:
    """Get the files, choose the scenario; a bad file is answered before the scenario."""
    video_checks.check_challenge(call, parameters.liveness_type, parameters.validate_data)
    count = _frame_count(call, parameters.optional)
    try:
        image, video = await _files(call, parameters)
        scenario = call.choose(image, video)
        frames = await video_checks.best_frames(call, image, video, count)
    except ApiError as problem:
        return video_checks.file_failure(call, problem, EMPTY)
    return video_checks.conclude(call, scenario, _success(scenario, frames), EMPTY)


async def _files(call: Call, parameters: Parameters) -> tuple[bytes, bytes]:
    """The photo and the video; base64 wins over a URL."""
    limits = video_checks.Limits.of(call)
    sources = (
        ("Image", parameters.image_base64, limits.image, limits.remote_image(parameters.image_url)),
        ("Video", parameters.video_base64, limits.video, limits.remote_video(parameters.video_url)),
    )
    for name, encoded, _, remote in sources:
        if not encoded and not remote.url:
            raise ApiError(
                call.facts.text("absent_file_code"), f"{name}Base64 or {name}Url is needed."
            )
    bodies = {
        name: files.decode_base64(call, f"{name}Base64", encoded, largest, remote.too_big)
        for name, encoded, largest, remote in sources
        if encoded
    }
    remotes = {name: remote for name, encoded, _, remote in sources if not encoded}
    fetched = await files.fetch(call, *remotes.values(), same_region=False)
    bodies.update(zip(remotes, fetched, strict=True))
    return bodies["Image"], bodies["Video"]


def _frame_count(call: Call, optional: str) -> int:
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


def _success(scenario: Scenario, frames: list[bytes]) -> dict[str, object]:
    encoded = [base64.b64encode(frame).decode() for frame in frames]
    best = video_checks.encoded_frame(scenario, frames[len(frames) // 2])
    kind = scenario.text("best_frame")
    return {
        "BestFrameBase64": best,
        "BestFrameList": None if kind in ("not-given", "no-list") else encoded,
    }
