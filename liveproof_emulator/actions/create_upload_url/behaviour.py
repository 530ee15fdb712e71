"""CreateUploadUrl: a PUT and a GET URL for one new object in the vendor's bucket of the region."""

from liveproof_emulator.actions.call import Answer, Call
from liveproof_emulator.actions.create_upload_url.parameters import Parameters
from liveproof_emulator.errors import ApiError
from liveproof_emulator.facts import COMMON


async def answer(call: Call, parameters: Parameters) -> Answer:
    """Presign both URLs. The object exists once the caller has PUT it."""
    target = parameters.target_action
    if target not in call.facts.texts("target_actions"):
        raise ApiError(
            call.facts.text("unknown_target_code"), "TargetAction names no action that takes files."
        )
    scenario = call.choose()
    lifetime = COMMON.integer("url_lifetime_seconds") + int(scenario.number("lifetime_offset"))
    key = call.new_object_key(target)
    call.resources.append(key)
    return Answer(
        {
            "UploadUrl": call.presign("PUT", key, lifetime),
            "ResourceUrl": call.presign("GET", key, lifetime),
            "ExpiredTimestamp": int(call.clock.now()) + lifetime,
        }
    )
