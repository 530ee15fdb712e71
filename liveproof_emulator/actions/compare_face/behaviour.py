"""CompareFace: two photos, a score of how alike the faces are."""

import asyncio

from liveproof_emulator.actions import photos
from liveproof_emulator.actions.call import Answer, Call
from liveproof_emulator.actions.compare_face.parameters import Parameters


async def answer(call: Call, parameters: Parameters) -> Answer:
    """Get both photos, choose the scenario, answer with its score or code."""
    images = await asyncio.gather(
        photos.get_photo(call, "ImageA", parameters.image_a, "UrlA", parameters.url_a),
        photos.get_photo(call, "ImageB", parameters.image_b, "UrlB", parameters.url_b),
    )
    scenario = call.choose(*images)
    return await photos.score(call, scenario, images, parameters.face_model_version)
