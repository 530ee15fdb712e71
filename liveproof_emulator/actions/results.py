"""Answers with a code, through the channel that the code takes: `Result` or Response.Error."""

from collections.abc import Mapping

from liveproof_emulator.actions.call import Answer, Call
from liveproof_emulator.errors import ApiError
from liveproof_emulator.model import Scenario

BUSINESS = "FailedOperation."
"""Codes that begin so come in `Result`, unless a scenario says otherwise."""


def failure(
    call: Call,
    code: str,
    empty: Mapping[str, object],
    *,
    channel: str | None = None,
    sim: float = 0.0,
    message: str | None = None,
) -> Answer:
    """The answer for any code but Success.

    Args:
        call: the call.
        code: the vendor's code.
        empty: fields that are sent besides Result, Description and Sim.
        channel: "result" or "error"; None: FailedOperation.* comes as Result, others as Error.
        sim: the similarity to send.
        message: None takes our sentence for the code.
    """
    if channel is None:
        channel = "result" if code.startswith(BUSINESS) else "error"
    if channel == "error":
        return Answer({}, code, ApiError(code, message))
    fields: dict[str, object] = {
        "Result": code,
        "Description": message or call.message(code),
        "Sim": sim,
        **empty,
    }
    return Answer(fields, code)


def refuse(call: Call, scenario: Scenario) -> None:
    """ApiError if the scenario is a refusal, which the vendor sends before it executes."""
    if scenario.values.get("refused") is True:
        call.executed = False
        raise ApiError(scenario.text("code") or "InternalError")
