"""`/_emulator/…`: looking at the emulator and steering it. No signature is asked for."""

import json
import math
import re
from collections.abc import Mapping

from aiohttp import web

from liveproof_emulator.api.gateway import World
from liveproof_emulator.catalogue import Fault, Scenario
from liveproof_emulator.cos.address import bucket_host
from liveproof_emulator.cos.notifications import Subscription
from liveproof_emulator.cos.operations import OPERATIONS
from liveproof_emulator.keys import Permission
from liveproof_emulator.replies import Reply, json_reply
from liveproof_emulator.senseid.catalogue import ENDPOINTS

PREFIX = "/_emulator/"
_LARGEST_BODY = 65536
_MOST_TIMES = 1000
_LONGEST_MOVE = 10 * 365 * 86400
_COPIES = 100
_URL = re.compile(r"http://[!-~]+\Z")
_ACTION = re.compile(r"[a-z]+:[A-Za-z*]+\Z")


class ControlError(ValueError):
    """The request to a control is wrong; the text says how."""


class Controls:
    """One method per control."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def serve(self, request: web.Request) -> Reply:
        """The control named by the path."""
        name = request.path.removeprefix(PREFIX)
        reads = {
            "calls": self.calls,
            "scenarios": self.scenarios,
            "notifications": self._world.notifications.document,
            "buckets": self._world.buckets.document,
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
                _demand(request.method == "GET", f"{name} takes GET")
                return json_reply(reads[name]())
            _demand(request.method == "POST", f"{name} takes POST")
            return json_reply(writes[name](await _object(request)))
        except ControlError as problem:
            return json_reply({"error": str(problem)}, 400)

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

    def keys(self, body: dict[str, object]) -> dict[str, object]:
        """Make a temporary key of the customer's, with these permissions or with all."""
        _only(body, ("permissions",))
        given = body.get("permissions")
        key = self._world.keys.issue(None if given is None else _permissions(given))
        return {"secret_id": key.secret_id, "secret_key": key.secret_key, "token": key.token}

    def notifications(self, body: dict[str, object]) -> dict[str, object]:
        """Tell a receiver of each new object in a bucket, or nobody."""
        _only(body, ("bucket", "url", "copies", "delay_seconds"))
        bucket, url, copies = body.get("bucket"), body.get("url"), body.get("copies", 1)
        host = bucket_host(bucket) if isinstance(bucket, str) else ""
        _demand(bool(host), "bucket is a bucket's host, such as team-1250000000.cos.REGION.…")
        if url is None:
            _demand(len(body) == 1, "without a url there is nothing to send")
            self._world.notifications.subscribe(host, None)
            return self._world.notifications.document()
        if not isinstance(url, str) or _URL.match(url) is None:
            raise ControlError("url is an http URL")
        if isinstance(copies, bool) or not isinstance(copies, int) or not 1 <= copies <= _COPIES:
            raise ControlError(f"copies is a whole number from 1 to {_COPIES}")
        delay = _seconds("delay_seconds", body.get("delay_seconds", 0.0))
        _demand(delay >= 0, "delay_seconds cannot be negative")
        self._world.notifications.subscribe(host, Subscription(url, copies, delay))
        return self._world.notifications.document()

    def buckets(self, body: dict[str, object]) -> Mapping[str, object]:
        """Set what only a real account can show of a bucket."""
        _only(body, ("bucket", "copies_with_body"))
        bucket, copies = body.get("bucket"), body.get("copies_with_body")
        host = bucket_host(bucket) if isinstance(bucket, str) else ""
        _demand(bool(host), "bucket is a bucket's host, such as team-1250000000.cos.REGION.…")
        if not isinstance(copies, bool):
            raise ControlError("copies_with_body is true or false")
        self._world.buckets.of(host).copies_with_body = copies
        return self._world.buckets.document()


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


def _permissions(given: object) -> list[Permission]:
    permissions = []
    for each in given if isinstance(given, list) else [given]:
        if not isinstance(each, dict) or set(each) != {"action", "resource"}:
            raise ControlError("permissions is a list of objects with action and resource")
        action, resource = each["action"], each["resource"]
        if not isinstance(action, str) or _ACTION.match(action) is None:
            raise ControlError("action is a product and an action, such as cos:PutObject")
        if not isinstance(resource, str) or not resource:
            raise ControlError("resource is a bucket's host, / and a key, or *")
        permissions.append(Permission(action, resource))
    return permissions


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
