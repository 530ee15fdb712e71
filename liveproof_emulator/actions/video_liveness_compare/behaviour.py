"""VideoLivenessCompare: a photo and a video by URL, a code, a best frame by URL."""

from liveproof_emulator.actions import files, video_checks
from liveproof_emulator.actions.call import Answer, Call
from liveproof_emulator.actions.video_liveness_compare.parameters import Parameters
from liveproof_emulator.cos.store import md5
from liveproof_emulator.errors import ApiError
from liveproof_emulator.model import Scenario

EMPTY: dict[str, object] = {"BestFrame": None}


async def answer(call: Call, parameters: Parameters) -> Answer:
    """Get the files, choose the scenario; a bad file is answered before the scenario."""
    video_checks.check_challenge(call, parameters.liveness_type, parameters.validate_data)
    limits = video_checks.Limits.of(call)
    try:
        image, video = await files.fetch(
            call,
            limits.remote_image(parameters.image_url),
            limits.remote_video(parameters.video_url),
        )
        files.verify_md5(call, "ImageMd5", image, parameters.image_md5)
        files.verify_md5(call, "VideoMd5", video, parameters.video_md5)
        scenario = call.choose(image, video)
        (frame,) = await video_checks.best_frames(call, image, video, 1)
    except ApiError as problem:
        return video_checks.file_failure(call, problem, EMPTY)
    success: dict[str, object] = {}
    if scenario.text("best_frame") is not None:
        success["BestFrame"] = _file_info(call, scenario, frame)
    return video_checks.conclude(call, scenario, success, EMPTY)


def _file_info(call: Call, scenario: Scenario, frame: bytes) -> dict[str, object] | None:
    kind = scenario.text("best_frame")
    if kind == "not-given":
        return None
    key = call.new_object_key(call.name)
    if kind != "missing":
        call.store_object(key, frame, "image/jpeg", scenario.number("seconds"))
    lifetime = call.facts.integer("best_frame_seconds")
    return {
        "Url": call.presign("GET", key, -lifetime if kind == "expired" else lifetime),
        "MD5": md5(frame + b"\0" if kind == "wrong-md5" else frame),
        "Size": len(frame) + (kind == "wrong-size"),
    }
