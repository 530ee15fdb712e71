"""DetectLiveFaceAccurate: one photo, a score of how live it looks."""

from liveproof_emulator.actions import photos
from liveproof_emulator.actions.call import Answer, Call
from liveproof_emulator.actions.detect_live_face_accurate.parameters import Parameters


async def answer(call: Call, parameters: Parameters) -> Answer:
    """Get the photo, choose the scenario, answer with its score or code."""
    image = await photos.get_photo(call, "Image", parameters.image, "Url", parameters.url)
    scenario = call.choose(image)
    return await photos.score(call, scenario, [image], parameters.face_model_version)
