"""GenerateReflectSequence: device data by URL, a sequence by URL."""

import base64
import binascii
import hashlib
import json
import re

from liveproof_emulator.actions import files
from liveproof_emulator.actions.call import Answer, Call
from liveproof_emulator.actions.files import RemoteFile
from liveproof_emulator.actions.generate_reflect_sequence.parameters import Parameters
from liveproof_emulator.cos.store import md5
from liveproof_emulator.errors import ApiError

# The line that chooses a scenario is not part of the device data.
_LAST_LINE = re.compile(rb"\s*liveproof-scenario:[^\r\n]*\s*\Z")


async def answer(call: Call, parameters: Parameters) -> Answer:
    """Check the device data, and answer with a sequence. Only its form is the vendor's."""
    facts = call.facts
    largest = facts.integer("largest_device_data_bytes")
    file = RemoteFile(parameters.device_data_url, largest, facts.text("device_data_size_code"))
    (device_data,) = await files.fetch(call, file)
    files.verify_md5(call, "DeviceDataMd5", device_data, parameters.device_data_md5)
    _check(call, device_data)
    scenario = call.choose(device_data)
    refused, code = scenario.text("refused"), scenario.text("code")
    if refused is not None or code is not None:
        call.executed = False
        raise ApiError(facts.text(refused) if refused is not None else str(code))
    sequence = _sequence(device_data, parameters.security_level)
    kind = scenario.text("sequence")
    key = call.new_object_key(call.name)
    if kind != "missing":
        call.store_object(key, sequence, "text/plain", scenario.number("seconds"))
    lifetime = facts.integer("sequence_seconds")
    return Answer(
        {
            "ReflectSequenceUrl": call.presign(
                "GET", key, -lifetime if kind == "expired" else lifetime
            ),
            "ReflectSequenceMd5": md5(sequence + b"\0" if kind == "wrong-md5" else sequence),
        }
    )


def _check(call: Call, device_data: bytes) -> None:
    """ApiError unless it is base64 of a JSON object."""
    try:
        value = json.loads(base64.b64decode(_LAST_LINE.sub(b"", device_data), validate=True))
    except (binascii.Error, ValueError, RecursionError) as problem:
        raise ApiError(
            call.facts.text("device_data_code"), "The device data are no base64 of JSON."
        ) from problem
    if not isinstance(value, dict):
        raise ApiError(call.facts.text("device_data_code"), "The device data are no JSON object.")


def _sequence(device_data: bytes, security_level: str) -> bytes:
    """Base64 text, the same for the same device data and level."""
    seed = hashlib.sha256(device_data).hexdigest()
    value = {"emulated_sequence": seed, "security_level": security_level}
    return base64.b64encode(json.dumps(value).encode())
