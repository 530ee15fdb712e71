"""The controls, `/_emulator/…`: reading and setting the emulator's state, without a signature."""

import json
import math
import re
from collections.abc import Callable, Mapping

from aiohttp import web

from liveproof_emulator.catalogue import Catalogue
from liveproof_emulator.cos.address import bucket_host
from liveproof_emulator.cos.notifications import Subscription
from liveproof_emulator.cos.operations import OPERATIONS
from liveproof_emulator.cos.service import Cos
from liveproof_emulator.keys import Permission
from liveproof_emulator.model import Fault, Scenario
from liveproof_emulator.replies import Reply, json_reply
from liveproof_emulator.requests import read_body
from liveproof_emulator.senseid.catalogue import ENDPOINTS
from liveproof_emulator.state import State

PREFIX = "/_emulator/"
_MAX_BODY_BYTES = 65536
_MAX_TIMES = 1000
_MAX_SECONDS = 10 * 365 * 86400
_MAX_COPIES = 100
_URL = re.compile(r"http://[!-~]+\Z")
_ACTION = re.compile(r"[a-z]+:[A-Za-z*]+\Z")


class ControlError(ValueError):
    """The request to a control is wrong. The text is for the caller."""


class Controls:
    """One method per control. `ledger` has the calls."""

    def __init__(
        self, state: State, catalogue: Catalogue, cos: Cos, reset: Callable[[], None]
    ) -> None:
        self._state = state
        self._catalogue = catalogue
        self._cos = cos
        self._reset = reset
        self.ledger = state.ledger

    async def serve(self, request: web.Request) -> Reply:
        """The control named by the path."""
        name = request.path.removeprefix(PREFIX)
        reads = {
            "calls": self.calls,
            "scenarios": self.scenarios,
            "notifications": self._cos.notifications.document,
            "buckets": self._cos.buckets.document,
        }
        writes = {
            "reset": self.reset,
            "faults": self.faults,
            "clock": self.clock,
            "keys": self.keys,
            "notifications": self.notifications,
            "buckets": self.buckets,
        }
        if name not in {*reads, *writes}:
            return json_reply({"error": f"controls: {', '.join({**reads, **writes})}"}, 404)
        try:
            if name in reads and (request.method == "GET" or name not in writes):
                _require(request.method == "GET", f"{name} takes GET")
                return json_reply(reads[name]())
            _require(request.method == "POST", f"{name} takes POST")
            return json_reply(writes[name](await _json_object(request)))
        except ControlError as problem:
            return json_reply({"error": str(problem)}, 400)

    def calls(self) -> dict[str, object]:
        """Every vendor call since the start or the last reset."""
        return {"calls": self.ledger.calls()}

    def scenarios(self) -> dict[str, object]:
        """Names and meanings of the scenarios of each action, and of the faults."""
        actions = {
            action.name: _meanings(action.scenarios) for action in self._catalogue.actions.values()
        }
        for endpoint in ENDPOINTS.values():
            actions[endpoint.path] = _meanings(endpoint.scenarios)
        faults = _meanings(self._catalogue.faults)
        return {"actions": actions, "faults": faults}

    def reset(self, body: dict[str, object]) -> dict[str, object]:
        """Reset the emulator (`Emulator.reset`)."""
        _allow_only(body, ())
        self._reset()
        return {}

    def faults(self, body: dict[str, object]) -> dict[str, object]:
        """Queue a fault or a scenario for the next calls of an action; null empties its queue."""
        _allow_only(body, ("action", "fault", "times"))
        action, times = body.get("action"), body.get("times", 1)
        if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= _MAX_TIMES:
            raise ControlError(f"times is a whole number from 1 to {_MAX_TIMES}")
        self._require_action(action)
        if "fault" in body and body["fault"] is None:
            self._state.queued_faults.clear(str(action))
            return {"action": action, "fault": None, "times": 0}
        item = self._scenario_or_fault(str(action), body.get("fault"))
        self._state.queued_faults.add(str(action), item, times)
        return {"action": action, "fault": item.name, "times": times}

    def _require_action(self, action: object) -> None:
        names = [*self._catalogue.actions, *ENDPOINTS, *OPERATIONS]
        if not isinstance(action, str) or action not in names:
            raise ControlError(f"action is one of {', '.join(names)}")

    def _scenario_or_fault(self, action: str, name: object) -> Scenario | Fault:
        catalogue = self._catalogue
        owner = catalogue.actions.get(action) or ENDPOINTS.get(action)
        scenarios = owner.scenarios if owner is not None else {}
        if isinstance(name, str) and name in scenarios:
            return scenarios[name]
        if isinstance(name, str) and name in catalogue.faults:
            fault = catalogue.faults[name]
            _require(not fault.once, "times says how often; take the fault without -once")
            return fault
        raise ControlError("no such fault; GET /_emulator/scenarios lists them")

    def clock(self, body: dict[str, object]) -> dict[str, object]:
        """Let time pass for everybody, or skew the vendor's clock against its callers'."""
        _allow_only(body, ("advance_seconds", "skew_seconds"))
        _require(bool(body), "advance_seconds or skew_seconds is needed")
        moves = {name: _seconds(name, value) for name, value in body.items()}
        _require(moves.get("advance_seconds", 0) >= 0, "advance_seconds cannot be negative")
        self._state.clock.advance(moves.get("advance_seconds", 0))
        if "skew_seconds" in moves:
            self._state.clock.skew(moves["skew_seconds"])
        return {"now": self._state.clock.now()}

    def keys(self, body: dict[str, object]) -> dict[str, object]:
        """Make a temporary key of the customer's; without `permissions` it may do everything.

        Or switch keys off with `disabled`, the ids of all that nobody may use from now on.
        """
        _allow_only(body, ("permissions", "disabled"))
        if "disabled" in body:
            _require(len(body) == 1, "disabled comes alone")
            disabled = body["disabled"]
            if not isinstance(disabled, list):
                raise ControlError("disabled is a list of ids")
            self._state.keys.disabled.clear()
            self._state.keys.disabled.update(map(str, disabled))
            return {"disabled": sorted(self._state.keys.disabled)}
        listed = body.get("permissions")
        key = self._state.keys.issue(None if listed is None else _permissions(listed))
        return {"secret_id": key.secret_id, "secret_key": key.secret_key, "token": key.token}

    def notifications(self, body: dict[str, object]) -> dict[str, object]:
        """Set the receiver of a bucket's events; without a url remove it."""
        _allow_only(body, ("bucket", "url", "copies", "delay_seconds"))
        bucket, url, copies = body.get("bucket"), body.get("url"), body.get("copies", 1)
        host = bucket_host(bucket) if isinstance(bucket, str) else ""
        _require(bool(host), "bucket is a bucket's host, such as team-1250000000.cos.REGION.…")
        if url is None:
            _require(len(body) == 1, "without a url there is nothing to send")
            self._cos.notifications.subscribe(host, None)
            return self._cos.notifications.document()
        if not isinstance(url, str) or _URL.match(url) is None:
            raise ControlError("url is an http URL")
        if (
            isinstance(copies, bool)
            or not isinstance(copies, int)
            or not 1 <= copies <= _MAX_COPIES
        ):
            raise ControlError(f"copies is a whole number from 1 to {_MAX_COPIES}")
        delay = _seconds("delay_seconds", body.get("delay_seconds", 0.0))
        _require(delay >= 0, "delay_seconds cannot be negative")
        self._cos.notifications.subscribe(host, Subscription(url, copies, delay))
        return self._cos.notifications.document()

    def buckets(self, body: dict[str, object]) -> Mapping[str, object]:
        """Set how a bucket behaves where only a real account can show what is right."""
        _allow_only(body, ("bucket", "copies_with_body"))
        bucket, copies = body.get("bucket"), body.get("copies_with_body")
        host = bucket_host(bucket) if isinstance(bucket, str) else ""
        _require(bool(host), "bucket is a bucket's host, such as team-1250000000.cos.REGION.…")
        if not isinstance(copies, bool):
            raise ControlError("copies_with_body is true or false")
        self._cos.buckets.of(host).copies_with_body = copies
        return self._cos.buckets.document()


def _meanings(items: Mapping[str, Scenario] | Mapping[str, Fault]) -> dict[str, str]:
    return {item.name: item.about for item in items.values()}


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise ControlError(otherwise)


def _allow_only(body: dict[str, object], names: tuple[str, ...]) -> None:
    unknown = [name for name in body if name not in names]
    _require(not unknown, f"unknown: {', '.join(unknown)[:200]}; known: {', '.join(names)}")


def _seconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ControlError(f"{name} is a number")
    _require(math.isfinite(value) and abs(value) <= _MAX_SECONDS, f"{name} is out of range")
    return value


def _permissions(listed: object) -> list[Permission]:
    permissions = []
    for item in listed if isinstance(listed, list) else [listed]:
        if not isinstance(item, dict) or set(item) != {"action", "resource"}:
            raise ControlError("permissions is a list of objects with action and resource")
        action, resource = item["action"], item["resource"]
        if not isinstance(action, str) or _ACTION.match(action) is None:
            raise ControlError("action is a product and an action, such as cos:PutObject")
        if not isinstance(resource, str) or not resource:
            raise ControlError("resource is a bucket's host, / and a key, or *")
        permissions.append(Permission(action, resource))
    return permissions


async def _json_object(request: web.Request) -> dict[str, object]:
    raw = await read_body(request.content, _MAX_BODY_BYTES)
    if raw is None:
        raise ControlError("the body is too big")
    if not raw.strip():
        return {}
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as problem:
        raise ControlError("the body is not JSON") from problem
    _require(isinstance(value, dict), "the body is a JSON object")
    return dict(value)
