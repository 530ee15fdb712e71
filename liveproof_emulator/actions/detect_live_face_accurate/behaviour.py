"""DetectLiveFaceAccurate: one photo, a score of how live it looks."""

from liveproof_emulator import iai
from liveproof_emulator.actions.detect_live_face_accurate.parameters import Parameters
from liveproof_emulator.call import Answer, Call


async def answer(call: Call, parameters: Parameters) -> Answer:
    """Score by scenario; what is wrong with the photo comes first."""
    image = await iai.photo(call, "Image", parameters.image, "Url", parameters.url)
    scenario = call.choose(image)
    return await iai.score(call, scenario, [image], parameters.face_model_version)
