"""The API gateway: what the vendor checks before and around every action."""

import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web

from liveproof_emulator.actions import Action
from liveproof_emulator.actions.call import Answer, Call
from liveproof_emulator.actions.downloads import Downloads
from liveproof_emulator.actions.parameters import parse
from liveproof_emulator.api import hmac_v1, tc3
from liveproof_emulator.api.rate_limits import RateLimiter
from liveproof_emulator.api.request import RawRequest, read_request
from liveproof_emulator.catalogue import Catalogue
from liveproof_emulator.clock import iso
from liveproof_emulator.cos.store import Store
from liveproof_emulator.errors import ApiError
from liveproof_emulator.facts import COMMON
from liveproof_emulator.keys import Key
from liveproof_emulator.ledger import Entry
from liveproof_emulator.replies import Reply, deliver, json_reply
from liveproof_emulator.scenarios import NotExecutedError, ScenarioNameError
from liveproof_emulator.state import State

_NAME = re.compile(r"[A-Za-z0-9-]{1,64}\Z")
_LOG_FIELDS = (
    "at", "call", "region", "request_id", "scenario", "fault", "code", "verdict", "billed",
    "executed", "latency_ms",
)  # fmt: skip


@dataclass(frozen=True)
class CommonParameters:
    """The common parameters that the checks need; "" if one is absent."""

    action: str
    version: str
    timestamp: str
    region: str


class Gateway:
    """Serves the actions of the catalogue.

    Args:
        state: what all products share.
        catalogue: codes and actions.
        store: of COS; actions put the vendor's objects into it.
        calls_per_second: limits by action, instead of the documented ones.
    """

    def __init__(
        self, state: State, catalogue: Catalogue, store: Store, calls_per_second: Mapping[str, int]
    ) -> None:
        self._state = state
        self._catalogue = catalogue
        self._store = store
        self._calls_per_second = calls_per_second
        self._downloads = Downloads()
        self._rate_limiter = RateLimiter()

    async def open(self) -> None:
        """Open the pool of connections for callers' files."""
        await self._downloads.open()

    async def close(self) -> None:
        """Close every connection of the pool."""
        await self._downloads.close()

    def reset(self) -> None:
        """Forget the calls that count towards the rates."""
        self._rate_limiter.reset()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One call: execute it, write it into the ledger, send the answer."""
        state = self._state
        started = time.perf_counter()
        entry = Entry(
            at=iso(state.clock.now()),
            action=_safe_name(request.headers.get("X-TC-Action")),
            region=_safe_name(request.headers.get("X-TC-Region")),
            request_id=str(uuid.uuid4()),
        )
        call: Call | None = None
        answer = Answer({})
        try:
            action, call, parameters = await self._admit(request, entry)
            call.choice.apply_queued_fault()
            answer = await action.behaviour(call, parameters)
        except ApiError as problem:
            answer = Answer({}, error=problem)
        except ScenarioNameError as problem:
            answer = Answer({}, error=ApiError("InvalidParameterValue", str(problem)))
        except NotExecutedError as problem:
            if problem.fault.effect == "error":
                answer = Answer({}, error=ApiError(problem.fault.code))
        self._record(entry, call, answer)
        entry.latency_ms = round((time.perf_counter() - started) * 1000, 3)
        state.ledger.add(entry)
        state.log(entry.log_line(_LOG_FIELDS))
        fault = call.choice.fault if call is not None else None
        return await deliver(request, self._reply(answer, entry.request_id), fault, state.stopping)

    async def _admit(self, request: web.Request, entry: Entry) -> tuple[Action, Call, object]:
        """The gateway's checks in their order: size, signature, names, rate, parameters.

        Returns the action, the call and the action's `Parameters`.
        """
        if request.method not in ("GET", "POST"):
            raise ApiError("UnsupportedProtocol")
        raw = await read_request(request)
        form = hmac_v1.read_parameters(raw)
        common = _common_parameters(raw, form)
        entry.action, entry.region = _safe_name(common.action), _safe_name(common.region)
        for name in ("Action", "Version", "Timestamp"):
            if not getattr(common, name.lower()):
                missing = f"X-TC-{name}" if form is None else name
                raise ApiError("MissingParameter", f"{missing} is missing.")
        action = self._catalogue.actions.get(common.action)
        key = self._verify(raw, form, action)
        if action is None:
            raise ApiError("InvalidAction")
        if not key.may(f"{action.service}:{action.name}"):
            raise ApiError("UnauthorizedOperation", "The key's permissions do not reach this.")
        _check_version_and_region(action, common)
        self._check_rate(action, common.region, key)
        flat = form is not None or raw.method == "GET"
        parameters = parse(action.parameters, _action_parameters(raw, form), flat=flat)
        return action, self._new_call(request, action, common.region, entry), parameters

    def _verify(self, raw: RawRequest, form: dict[str, str] | None, action: Action | None) -> Key:
        """The key that signed the request, by either method."""
        keys, now = self._state.keys, self._state.clock.seen_by_callers()
        if form is not None:
            return hmac_v1.verify(raw, form, keys.customers, now)
        services = {action.service} if action is not None else self._catalogue.services
        return tc3.verify(raw, keys.customers, services, now)

    def _check_rate(self, action: Action, region: str, key: Key) -> None:
        documented = action.facts.integer("calls_per_second")
        limit = self._calls_per_second.get(action.name, documented)
        subject = (action.name, region, key.secret_id)
        if not self._rate_limiter.admit(subject, limit, self._state.clock.monotonic()):
            raise ApiError("RequestLimitExceeded")

    def _new_call(self, request: web.Request, action: Action, region: str, entry: Entry) -> Call:
        state = self._state
        return Call(
            name=action.name,
            facts=action.facts,
            choice=state.choice(action.name, action.scenarios),
            message=self._catalogue.message,
            region=region,
            request_id=entry.request_id,
            origin=f"{request.scheme}://{request.host}",
            clock=state.clock,
            store=self._store,
            downloads=self._downloads,
            vendor_key=state.keys.vendor,
            resources=entry.resources,
        )

    def _record(self, entry: Entry, call: Call | None, answer: Answer) -> None:
        """Write the outcome into the entry."""
        entry.verdict = answer.verdict
        entry.code = answer.error.code if answer.error is not None else answer.verdict
        if call is None:
            return
        call.choice.record(entry)
        entry.executed = call.executed
        if call.executed and self._catalogue.actions[call.name].has_codes:
            entry.billed = answer.billed or self._catalogue.billed(answer.verdict)

    def _reply(self, answer: Answer, request_id: str) -> Reply:
        fields: dict[str, object] = dict(answer.fields)
        if answer.error is not None:
            message = answer.error.message or self._catalogue.message(answer.error.code)
            fields = {"Error": {"Code": answer.error.code, "Message": message}}
        return json_reply({"Response": {**fields, "RequestId": request_id}})


def _common_parameters(raw: RawRequest, form: dict[str, str] | None) -> CommonParameters:
    """From the headers, or with a v1 signature from among the parameters."""
    if form is not None:
        names = ("Action", "Version", "Timestamp", "Region")
        return CommonParameters(*(form.get(name, "") for name in names))
    names = ("action", "version", "timestamp", "region")
    return CommonParameters(*(raw.headers.get(f"x-tc-{name}", "") for name in names))


def _check_version_and_region(action: Action, common: CommonParameters) -> None:
    if common.version not in action.facts.texts("versions"):
        raise ApiError("NoSuchVersion")
    regions = action.facts.texts("regions")
    if regions and not common.region:
        raise ApiError("MissingParameter", "The region is missing.")
    if regions and common.region not in regions:
        raise ApiError("UnsupportedRegion")


def _action_parameters(raw: RawRequest, form: dict[str, str] | None) -> dict[str, object]:
    """The action's own parameters: of a form, of a GET's query, or of a JSON object."""
    if form is not None:
        common = hmac_v1.COMMON_PARAMETERS
        return {name: value for name, value in form.items() if name not in common}
    if raw.method == "GET":
        return dict(parse_qsl(raw.query, keep_blank_values=True))
    try:
        value = json.loads(raw.body)
    except (ValueError, RecursionError) as problem:
        raise ApiError(COMMON.text("malformed_body_code"), "The body is not JSON.") from problem
    if not isinstance(value, dict):
        raise ApiError(COMMON.text("malformed_body_code"), "The body is not a JSON object.")
    return value


def _safe_name(value: str | None) -> str:
    """A header as it may stand in the ledger and the log; "" if it is no name."""
    return value if value is not None and _NAME.match(value) else ""
