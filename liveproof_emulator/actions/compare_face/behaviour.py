"""CompareFace: two photos, a score of how alike the faces are."""

import asyncio

from liveproof_emulator import iai
from liveproof_emulator.actions.compare_face.parameters import Parameters
from liveproof_emulator.call import Answer, Call


async def answer(call: Call, parameters: Parameters) -> Answer:
    """Score by scenario; what is wrong with the photos comes first."""
    images = await asyncio.gather(
        iai.photo(call, "ImageA", parameters.image_a, "UrlA", parameters.url_a),
        iai.photo(call, "ImageB", parameters.image_b, "UrlB", parameters.url_b),
    )
    scenario = call.choose(*images)
    return await iai.score(call, scenario, images, parameters.face_model_version)
