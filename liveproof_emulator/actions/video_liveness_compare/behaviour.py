"""VideoLivenessCompare: fetch both files, prove their MD5, decode them, judge."""

from liveproof_emulator import files, liveness
from liveproof_emulator.actions.video_liveness_compare.parameters import Parameters
from liveproof_emulator.call import Answer, Call
from liveproof_emulator.catalogue import Scenario
from liveproof_emulator.digest import md5
from liveproof_emulator.errors import ApiError

EMPTY: dict[str, object] = {"BestFrame": None}


async def answer(call: Call, parameters: Parameters) -> Answer:
    """Conclude by scenario; what is wrong with the files comes first."""
    liveness.check_challenge(call, parameters.liveness_type, parameters.validate_data)
    limits = liveness.Limits.of(call)
    try:
        image, video = await files.fetch(
            call,
            limits.remote_image(parameters.image_url),
            limits.remote_video(parameters.video_url),
        )
        files.prove(call, "ImageMd5", image, parameters.image_md5)
        files.prove(call, "VideoMd5", video, parameters.video_md5)
        scenario = call.choose(image, video)
        (frame,) = await liveness.best_frames(call, image, video, 1)
    except ApiError as problem:
        return liveness.failed(call, problem, EMPTY)
    served: dict[str, object] = {}
    if scenario.text("best_frame") is not None:
        served["BestFrame"] = _file_info(call, scenario, frame)
    return liveness.conclude(call, scenario, served, EMPTY)


def _file_info(call: Call, scenario: Scenario, frame: bytes) -> dict[str, object] | None:
    kind = scenario.text("best_frame")
    if kind == "not-given":
        return None
    key = call.new_object_key(call.action.name)
    if kind != "missing":
        call.keep(key, frame, "image/jpeg", scenario.number("seconds"))
    lifetime = call.facts.integer("best_frame_seconds")
    return {
        "Url": call.presigned("GET", key, -lifetime if kind == "expired" else lifetime),
        "MD5": md5(frame + b"\0" if kind == "wrong-md5" else frame),
        "Size": len(frame) + (kind == "wrong-size"),
    }
