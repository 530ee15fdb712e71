"""What a face verification concluded, through the channel that its code takes."""

from collections.abc import Mapping

from liveproof_emulator.call import Answer, Call
from liveproof_emulator.catalogue import Scenario
from liveproof_emulator.errors import ApiError

BUSINESS = "FailedOperation."


def failure(
    call: Call,
    code: str,
    empty: Mapping[str, object],
    *,
    channel: str | None = None,
    sim: float = 0.0,
    message: str | None = None,
) -> Answer:
    """A conclusion that is not Success.

    Args:
        call: the call.
        code: the vendor's code.
        empty: the fields that are sent all the same, beside Result, Description and Sim.
        channel: "result" or "error"; None: FailedOperation.* comes as Result, others as Error.
        sim: the similarity to send.
        message: None takes the sentence of data/codes.json.
    """
    if channel is None:
        channel = "result" if code.startswith(BUSINESS) else "error"
    if channel == "error":
        return Answer({}, code, ApiError(code, message))
    fields: dict[str, object] = {
        "Result": code,
        "Description": message or call.catalogue.message(code),
        "Sim": sim,
        **empty,
    }
    return Answer(fields, code)


def refuse_if_played(call: Call, scenario: Scenario) -> None:
    """ApiError if the scenario is a refusal: the vendor does not get as far as executing."""
    if scenario.values.get("refused") is True:
        call.executed = False
        raise ApiError(scenario.text("code") or "InternalError")
