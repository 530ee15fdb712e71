"""The API gateway: what the vendor checks before and around every action."""

import asyncio
import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web

from liveproof_emulator.api import hmac_v1, parameters, tc3
from liveproof_emulator.call import Answer, Call, WithheldError
from liveproof_emulator.catalogue import Action, Catalogue
from liveproof_emulator.clock import Clock, iso
from liveproof_emulator.cos.buckets import Buckets
from liveproof_emulator.cos.notifications import Notifications
from liveproof_emulator.cos.store import Store
from liveproof_emulator.downloads import Downloads
from liveproof_emulator.errors import ApiError
from liveproof_emulator.facts import COMMON
from liveproof_emulator.faults import Armed, Turns
from liveproof_emulator.keys import Key, Keys
from liveproof_emulator.ledger import Entry, Ledger
from liveproof_emulator.quota import Windows
from liveproof_emulator.replies import Reply, deliver, json_reply

# A body over the cap is read on to its end, so that the caller gets the answer and not a reset.
_DRAIN_BYTES = 256 * 1024 * 1024
# Effects after which the caller has no whole answer of the vendor.
_UNHEARD = ("silence", "stall", "reset", "cut", "replace")
_NAME = re.compile(r"[A-Za-z0-9-]{1,64}\Z")


@dataclass
class World:
    """What the parts of one emulator share."""

    catalogue: Catalogue
    keys: Keys
    log: Callable[[dict[str, object]], None]
    calls_per_second: dict[str, int] = field(default_factory=dict)
    clock: Clock = field(default_factory=Clock)
    store: Store = field(default_factory=Store)
    buckets: Buckets = field(default_factory=Buckets)
    ledger: Ledger = field(default_factory=Ledger)
    windows: Windows = field(default_factory=Windows)
    armed: Armed = field(default_factory=Armed)
    turns: Turns = field(default_factory=Turns)
    downloads: Downloads = field(default_factory=Downloads)
    notifications: Notifications = field(default_factory=Notifications)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def reset(self) -> None:
        """As after the start; keys, settings and who is told of events stay."""
        for part in (
            self.clock, self.store, self.ledger, self.windows, self.armed, self.turns,
            self.notifications,
        ):  # fmt: skip
            part.reset()


@dataclass(frozen=True)
class Common:
    """The common parameters that every check needs; "" where one is absent."""

    action: str
    version: str
    timestamp: str
    region: str


class Gateway:
    """Serves the actions of the catalogue."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One call: judge it, write it down, send the answer."""
        world = self._world
        started = time.perf_counter()
        entry = Entry(
            at=iso(world.clock.now()),
            action=_plain(request.headers.get("X-TC-Action")),
            region=_plain(request.headers.get("X-TC-Region")),
            request_id=str(uuid.uuid4()),
        )
        call: Call | None = None
        withheld = False
        answer = Answer({})
        try:
            call, shaped = await self._admit(request, entry)
            call.meet_controls()
            answer = await call.action.behaviour(call, shaped)
        except ApiError as problem:
            answer = Answer({}, error=problem)
        except WithheldError:
            withheld = True
        self._settle(entry, call, answer, started)
        fault = call.fault if call is not None else None
        if withheld or (fault is not None and fault.effect in _UNHEARD):
            entry.code = None
        world.ledger.add(entry)
        world.log(_line(entry))
        return await deliver(request, self._reply(answer, entry.request_id), fault, world.stopping)

    async def _admit(self, request: web.Request, entry: Entry) -> tuple[Call, object]:
        """The gateway's checks in their order: size, signature, names, rate, parameters."""
        world = self._world
        if request.method not in ("GET", "POST"):
            raise ApiError("UnsupportedProtocol")
        arrived = await _arrived(request)
        form = hmac_v1.parameters(arrived)
        common = _common(arrived, form)
        entry.action, entry.region = _plain(common.action), _plain(common.region)
        for name in ("Action", "Version", "Timestamp"):
            if not getattr(common, name.lower()):
                missing = f"X-TC-{name}" if form is None else name
                raise ApiError("MissingParameter", f"{missing} is missing.")
        action = world.catalogue.actions.get(common.action)
        key = self._signer(arrived, form, action)
        if action is None:
            raise ApiError("InvalidAction")
        if not key.may(f"{action.service}:{action.name}"):
            raise ApiError("UnauthorizedOperation", "The key's permissions do not reach this.")
        if common.version not in action.facts.texts("versions"):
            raise ApiError("NoSuchVersion")
        region = common.region
        regions = action.facts.texts("regions")
        if regions and not region:
            raise ApiError("MissingParameter", "The region is missing.")
        if regions and region not in regions:
            raise ApiError("UnsupportedRegion")
        limit = world.calls_per_second.get(action.name, action.facts.integer("calls_per_second"))
        subject = (action.name, region, key.secret_id)
        if not world.windows.admit(subject, limit, world.clock.monotonic()):
            raise ApiError("RequestLimitExceeded")
        flat = form is not None or arrived.method == "GET"
        shaped = parameters.parse(action.parameters, _sent(arrived, form), flat=flat)
        return self._call(request, action, region, entry), shaped

    def _signer(
        self, arrived: tc3.Arrived, form: dict[str, str] | None, action: Action | None
    ) -> Key:
        world = self._world
        now = world.clock.seen_by_callers()
        if form is not None:
            return hmac_v1.verify(arrived, form, world.keys.customers, now)
        services = {action.service} if action is not None else world.catalogue.services
        return tc3.verify(arrived, world.keys.customers, services, now)

    def _call(self, request: web.Request, action: Action, region: str, entry: Entry) -> Call:
        world = self._world
        return Call(
            action=action,
            catalogue=world.catalogue,
            region=region,
            request_id=entry.request_id,
            origin=f"{request.scheme}://{request.host}",
            clock=world.clock,
            store=world.store,
            downloads=world.downloads,
            turns=world.turns,
            vendor_key=world.keys.vendor,
            armed=world.armed.take(action.name),
            resources=entry.resources,
        )

    def _settle(self, entry: Entry, call: Call | None, answer: Answer, started: float) -> None:
        entry.verdict = answer.verdict
        entry.code = answer.error.code if answer.error is not None else answer.verdict
        if call is not None:
            entry.scenario = call.chosen
            if call.fault is not None:
                entry.fault = call.fault.name
                entry.scenario = entry.fault if call.chosen in (None, "pass") else call.chosen
            entry.executed = call.executed
            if call.executed and call.action.judges:
                entry.billed = answer.billed or self._world.catalogue.billed(answer.verdict)
        entry.latency_ms = round((time.perf_counter() - started) * 1000, 3)

    def _reply(self, answer: Answer, request_id: str) -> Reply:
        fields: dict[str, object] = dict(answer.fields)
        if answer.error is not None:
            message = answer.error.message or self._world.catalogue.message(answer.error.code)
            fields = {"Error": {"Code": answer.error.code, "Message": message}}
        return json_reply({"Response": {**fields, "RequestId": request_id}})


async def _arrived(request: web.Request) -> tc3.Arrived:
    """The request with its raw body. ApiError if it is over the cap of its method."""
    largest = COMMON.integer("largest_post_bytes")
    parts = []
    size = 0
    async for part in request.content.iter_chunked(65536):
        size += len(part)
        if size <= largest:
            parts.append(part)
        if size > _DRAIN_BYTES:
            break
    query = request.raw_path.partition("?")[2]
    too_long = request.method == "GET" and len(query) > COMMON.integer("largest_get_bytes")
    if size > largest or too_long:
        raise ApiError("RequestSizeLimitExceeded")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return tc3.Arrived(request.method, query, headers, b"".join(parts))


def _common(arrived: tc3.Arrived, form: dict[str, str] | None) -> Common:
    """From the headers, or from among the parameters where v1 signs."""
    if form is not None:
        names = ("Action", "Version", "Timestamp", "Region")
        return Common(*(form.get(name, "") for name in names))
    names = ("action", "version", "timestamp", "region")
    return Common(*(arrived.headers.get(f"x-tc-{name}", "") for name in names))


def _sent(arrived: tc3.Arrived, form: dict[str, str] | None) -> dict[str, object]:
    """The action's parameters as sent: a JSON object, a form, or a GET's query."""
    if form is not None:
        common = hmac_v1.COMMON_PARAMETERS
        return {name: value for name, value in form.items() if name not in common}
    if arrived.method == "GET":
        return dict(parse_qsl(arrived.query, keep_blank_values=True))
    try:
        value = json.loads(arrived.body)
    except (ValueError, RecursionError) as problem:
        raise ApiError(COMMON.text("malformed_body_code"), "The body is not JSON.") from problem
    if not isinstance(value, dict):
        raise ApiError(COMMON.text("malformed_body_code"), "The body is not a JSON object.")
    return value


def _plain(value: str | None) -> str:
    """A header as it may stand in the ledger and the log."""
    return value if value is not None and _NAME.match(value) else ""


def _line(entry: Entry) -> dict[str, object]:
    return {
        "at": entry.at,
        "call": entry.action,
        "region": entry.region,
        "request_id": entry.request_id,
        "scenario": entry.scenario,
        "fault": entry.fault,
        "code": entry.code,
        "verdict": entry.verdict,
        "billed": entry.billed,
        "executed": entry.executed,
        "latency_ms": entry.latency_ms,
    }
