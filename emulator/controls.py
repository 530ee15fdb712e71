"""`/_emulator/…`: looking at the emulator and steering it. No signature is asked for."""

import json
import math

from aiohttp import web

from emulator.catalogue import Fault, Scenario
from emulator.cos import OPERATIONS
from emulator.gateway import World
from emulator.senseid.catalogue import ENDPOINTS
from emulator.wire import Reply, json_reply

PREFIX = "/_emulator/"
_LARGEST_BODY = 65536
_MOST_TIMES = 1000
_LONGEST_MOVE = 10 * 365 * 86400


class ControlError(ValueError):
    """The request to a control is wrong; the text says how."""


class Controls:
    """One method per control."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def serve(self, request: web.Request) -> Reply:
        """The control named by the path."""
        name = request.path.removeprefix(PREFIX)
        reads = {"calls": self.calls, "scenarios": self.scenarios}
        writes = {"reset": self.reset, "faults": self.faults, "clock": self.clock}
        try:
            if name in reads:
                _demand(request.method == "GET", f"{name} takes GET")
                return json_reply(reads[name]())
            if name in writes:
                _demand(request.method == "POST", f"{name} takes POST")
                return json_reply(writes[name](await _object(request)))
        except ControlError as problem:
            return json_reply({"error": str(problem)}, 400)
        return json_reply({"error": f"controls: {', '.join([*reads, *writes])}"}, 404)

    def calls(self) -> dict[str, object]:
        """Every vendor call since the start or the last reset."""
        return {"calls": self._world.ledger.calls()}

    def scenarios(self) -> dict[str, object]:
        """Names and meanings: per action, and the faults any call can have."""
        catalogue = self._world.catalogue
        actions = {
            action.name: {each.name: each.about for each in action.scenarios.values()}
            for action in catalogue.actions.values()
        }
        for endpoint in ENDPOINTS.values():
            actions[endpoint.path] = {each.name: each.about for each in endpoint.scenarios.values()}
        faults = {fault.name: fault.about for fault in catalogue.faults.values()}
        return {"actions": actions, "faults": faults}

    def reset(self, body: dict[str, object]) -> dict[str, object]:
        """Forget calls, objects, faults, rates; set the clock right."""
        _only(body, ())
        self._world.reset()
        return {}

    def faults(self, body: dict[str, object]) -> dict[str, object]:
        """Set what the next calls of an action meet."""
        _only(body, ("action", "fault", "times"))
        action, times = body.get("action"), body.get("times", 1)
        if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= _MOST_TIMES:
            raise ControlError(f"times is a whole number from 1 to {_MOST_TIMES}")
        what = self._what(action, body.get("fault"))
        self._world.armed.add(str(action), what, times)
        return {"action": action, "fault": what.name, "times": times}

    def _what(self, action: object, name: object) -> Scenario | Fault:
        catalogue = self._world.catalogue
        names = [*catalogue.actions, *ENDPOINTS, *OPERATIONS]
        if not isinstance(action, str) or action not in names:
            raise ControlError(f"action is one of {', '.join(names)}")
        known = catalogue.actions.get(action) or ENDPOINTS.get(action)
        scenarios = known.scenarios if known is not None else {}
        if isinstance(name, str) and name in scenarios:
            return scenarios[name]
        if isinstance(name, str) and name in catalogue.faults:
            fault = catalogue.faults[name]
            _demand(not fault.once, "times says how often; take the fault without -once")
            return fault
        raise ControlError("no such fault; GET /_emulator/scenarios lists them")

    def clock(self, body: dict[str, object]) -> dict[str, object]:
        """Let time pass for everybody, or set the vendor's clock apart from its callers'."""
        _only(body, ("advance_seconds", "skew_seconds"))
        _demand(bool(body), "advance_seconds or skew_seconds is needed")
        moves = {name: _seconds(name, value) for name, value in body.items()}
        _demand(moves.get("advance_seconds", 0) >= 0, "advance_seconds cannot be negative")
        self._world.clock.advance(moves.get("advance_seconds", 0))
        if "skew_seconds" in moves:
            self._world.clock.skew(moves["skew_seconds"])
        return {"now": self._world.clock.now()}


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ControlError(otherwise)


def _only(body: dict[str, object], names: tuple[str, ...]) -> None:
    unknown = [name for name in body if name not in names]
    _demand(not unknown, f"unknown: {', '.join(unknown)[:200]}; known: {', '.join(names)}")


def _seconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ControlError(f"{name} is a number")
    _demand(math.isfinite(value) and abs(value) <= _LONGEST_MOVE, f"{name} is out of range")
    return value


async def _object(request: web.Request) -> dict[str, object]:
    raw = bytearray()
    async for part in request.content.iter_chunked(65536):
        if len(raw) <= _LARGEST_BODY:
            raw += part
    _demand(len(raw) <= _LARGEST_BODY, "the body is too big")
    if not raw.strip():
        return {}
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as problem:
        raise ControlError("the body is not JSON") from problem
    _demand(isinstance(value, dict), "the body is a JSON object")
    return dict(value)
