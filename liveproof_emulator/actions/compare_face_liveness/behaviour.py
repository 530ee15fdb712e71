"""CompareFaceLiveness: a photo and a video as base64, a code."""

from liveproof_emulator.actions import files, video_checks
from liveproof_emulator.actions.call import Answer, Call
from liveproof_emulator.actions.compare_face_liveness.parameters import Parameters
from liveproof_emulator.errors import ApiError

EMPTY: dict[str, object] = {"BestFrameBase64": None}


async def answer(call: Call, parameters: Parameters) -> Answer:
    """Decode the files, choose the scenario; a bad file is answered before the scenario."""
    video_checks.check_challenge(call, parameters.liveness_type, parameters.validate_data)
    limits = video_checks.Limits.of(call)
    try:
        image = files.decode_base64(
            call, "ImageBase64", parameters.image_base64, limits.image, video_checks.PHOTO_SIZE
        )
        video = files.decode_base64(
            call, "VideoBase64", parameters.video_base64, limits.video, video_checks.VIDEO_SIZE
        )
        scenario = call.choose(image, video)
        (frame,) = await video_checks.best_frames(call, image, video, 1)
    except ApiError as problem:
        return video_checks.file_failure(call, problem, EMPTY)
    success = {"BestFrameBase64": video_checks.encoded_frame(scenario, frame)}
    return video_checks.conclude(call, scenario, success, EMPTY)
