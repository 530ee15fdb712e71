"""SenseID on the wire: one request in, the ledger, one answer out."""

import time
import uuid

from aiohttp import web

from liveproof_emulator.api.gateway import World
from liveproof_emulator.catalogue import Fault, Scenario
from liveproof_emulator.clock import iso
from liveproof_emulator.ledger import Entry
from liveproof_emulator.replies import Reply, deliver, json_reply
from liveproof_emulator.senseid import form, judge
from liveproof_emulator.senseid.catalogue import ENDPOINTS, FACTS, Endpoint
from liveproof_emulator.senseid.cipher import Cipher
from liveproof_emulator.senseid.form import ArgumentError, StatusError
from liveproof_emulator.senseid.judge import RefusedError

PREFIX = "/senseid"
# Effects after which the caller has no whole answer.
_UNHEARD = ("silence", "stall", "reset", "cut", "replace")


class WithheldError(Exception):
    """A fault keeps the service from executing the request."""


class SenseId:
    """The six endpoints under `/senseid`. Anybody may call; the product asks for no credentials."""

    def __init__(self, world: World, cipher: Cipher) -> None:
        self._world = world
        self._cipher = cipher

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One request: judge it, write it down, send the answer."""
        world = self._world
        path = request.raw_path.partition("?")[0].removeprefix(PREFIX)
        endpoint = ENDPOINTS.get(path) if request.method == "POST" else None
        started = time.perf_counter()
        entry = Entry(iso(world.clock.now()), endpoint.path if endpoint else "", "", _new_id())
        played = _Played(world, endpoint, entry)
        try:
            if endpoint is None:
                await form.drain(request)
                raise StatusError(404)
            fields = await self._answer(request, endpoint, played)
            entry.code = str(fields["code"])
            entry.verdict = _verdict(fields)
            reply = json_reply({**fields, "request_id": entry.request_id})
        except RefusedError as problem:
            entry.code = entry.verdict = str(problem.code)
            reply = self._refusal(problem.code, entry.request_id)
        except ArgumentError as problem:
            entry.code = str(judge.INVALID)
            reply = self._refusal(judge.INVALID, entry.request_id, str(problem))
        except StatusError as problem:
            reply = _bare(problem.status, entry.request_id)
        except WithheldError:
            reply = _bare(500, entry.request_id)
        fault = played.fault
        if fault is not None:
            entry.fault = fault.name
            entry.scenario = fault.name if entry.scenario in (None, "pass") else entry.scenario
            if fault.effect in _UNHEARD:
                entry.code = None
        entry.latency_ms = round((time.perf_counter() - started) * 1000, 3)
        world.ledger.add(entry)
        world.log(_line(entry, reply.status))
        return await deliver(request, reply, fault, world.stopping)

    async def _answer(
        self, request: web.Request, endpoint: Endpoint, played: "_Played"
    ) -> dict[str, object]:
        sent = await form.read(request, endpoint)
        played.meet_controls()
        case = await judge.opened(endpoint, sent, self._cipher)
        scenario = played.choose(case.files)
        await judge.looked_at(case)
        return judge.concluded(case, scenario)

    def _refusal(self, code: int, request_id: str, message: str | None = None) -> Reply:
        known = FACTS.table("codes").get(str(code), "a code that the emulator has no sentence for")
        body = {"code": code, "message": message or known, "request_id": request_id}
        return json_reply(body, FACTS.integer("status_of_a_code"))


class _Played:
    """What the controls and the files' last lines make of one request."""

    def __init__(self, world: World, endpoint: Endpoint | None, entry: Entry) -> None:
        self._world = world
        self._endpoint = endpoint
        self._entry = entry
        self._armed = world.armed.take(endpoint.path) if endpoint is not None else None
        self.fault: Fault | None = None

    def meet_controls(self) -> None:
        """WithheldError if the controls' fault strikes before the files are looked at."""
        if isinstance(self._armed, Fault):
            self.fault = self._armed
            self._withhold()

    def choose(self, files: list[bytes]) -> Scenario:
        """Settle what happens; the controls win over the files. ArgumentError, WithheldError."""
        if self._endpoint is None:
            raise RuntimeError("nothing is played without an endpoint")
        scenarios, faults = self._endpoint.scenarios, self._world.catalogue.faults
        name = judge.chosen(scenarios, faults, files)
        self._entry.scenario = name
        scenario = scenarios.get(name, scenarios["pass"])
        fault = faults.get(name)
        if fault is not None and self.fault is None and self._turn(fault, files):
            self.fault = fault
        if isinstance(self._armed, Scenario):
            scenario = self._armed
            self._entry.scenario = scenario.name
        self._withhold()
        self._entry.executed = "http" not in scenario.values
        return scenario

    def _turn(self, fault: Fault, files: list[bytes]) -> bool:
        return not fault.once or self._world.turns.take(self._entry.action, fault.name, files)

    def _withhold(self) -> None:
        if self.fault is not None and not self.fault.executed:
            raise WithheldError


def _new_id() -> str:
    return uuid.uuid4().hex


def _bare(status: int, request_id: str) -> Reply:
    """A status without a code of the product's."""
    known = FACTS.table("statuses").get(str(status), "")
    return json_reply({"message": known, "request_id": request_id}, status)


def _verdict(fields: dict[str, object]) -> str:
    """For the ledger: the code, and whether the person passed where that was asked."""
    code = str(fields["code"])
    if "passed" not in fields:
        return code
    return f"{code} {'passed' if fields['passed'] else 'not passed'}"


def _line(entry: Entry, status: int) -> dict[str, object]:
    return {
        "at": entry.at,
        "call": entry.action,
        "request_id": entry.request_id,
        "scenario": entry.scenario,
        "fault": entry.fault,
        "code": entry.code,
        "verdict": entry.verdict,
        "executed": entry.executed,
        "status": status,
        "latency_ms": entry.latency_ms,
    }
