"""CompareFaceLiveness: both files come as base64; decode them, judge."""

from liveproof_emulator import files, liveness
from liveproof_emulator.actions.compare_face_liveness.parameters import Parameters
from liveproof_emulator.call import Answer, Call
from liveproof_emulator.errors import ApiError

EMPTY: dict[str, object] = {"BestFrameBase64": None}


async def answer(call: Call, parameters: Parameters) -> Answer:
    """Conclude by scenario; what is wrong with the files comes first."""
    liveness.check_challenge(call, parameters.liveness_type, parameters.validate_data)
    limits = liveness.Limits.of(call)
    try:
        image = files.decoded(
            call, "ImageBase64", parameters.image_base64, limits.image, liveness.PHOTO_SIZE
        )
        video = files.decoded(
            call, "VideoBase64", parameters.video_base64, limits.video, liveness.VIDEO_SIZE
        )
        scenario = call.choose(image, video)
        (frame,) = await liveness.best_frames(call, image, video, 1)
    except ApiError as problem:
        return liveness.failed(call, problem, EMPTY)
    served = {"BestFrameBase64": liveness.encoded_frame(scenario, frame)}
    return liveness.conclude(call, scenario, served, EMPTY)
