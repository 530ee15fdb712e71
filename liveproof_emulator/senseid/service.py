"""SenseID: its six endpoints, without credentials, as the product has none."""

import time
import uuid

from aiohttp import web

from liveproof_emulator.clock import iso
from liveproof_emulator.ledger import Entry
from liveproof_emulator.replies import Reply, deliver, json_reply
from liveproof_emulator.requests import discard_body
from liveproof_emulator.scenarios import Choice, NotExecutedError, ScenarioNameError
from liveproof_emulator.senseid import judge
from liveproof_emulator.senseid.catalogue import ENDPOINTS, FACTS, Endpoint
from liveproof_emulator.senseid.cipher import Cipher
from liveproof_emulator.senseid.form import ArgumentError, StatusError, read_form
from liveproof_emulator.senseid.judge import RefusedError
from liveproof_emulator.state import State

PREFIX = "/senseid"
_LOG_FIELDS = (
    "at", "call", "request_id", "scenario", "fault", "code", "verdict", "executed", "status",
    "latency_ms",
)  # fmt: skip


class SenseId:
    """Serves the paths under `/senseid`."""

    def __init__(self, state: State, cipher: Cipher) -> None:
        self._state = state
        self._cipher = cipher

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One request: execute it, write it into the ledger, send the answer."""
        state = self._state
        started = time.perf_counter()
        path = request.raw_path.partition("?")[0].removeprefix(PREFIX)
        endpoint = ENDPOINTS.get(path) if request.method == "POST" else None
        entry = Entry(iso(state.clock.now()), endpoint.path if endpoint else "", "", _new_id())
        choice: Choice | None = None
        try:
            if endpoint is None:
                await discard_body(request)
                raise StatusError(404)
            choice = state.choice(endpoint.path, endpoint.scenarios)
            fields = await self._answer(request, endpoint, choice, entry)
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
            reply = _status_reply(problem.status, entry.request_id)
        except NotExecutedError:
            reply = _status_reply(500, entry.request_id)
        if choice is not None:
            choice.record(entry)
        entry.latency_ms = round((time.perf_counter() - started) * 1000, 3)
        state.ledger.add(entry)
        state.log(entry.log_line(_LOG_FIELDS, status=reply.status))
        fault = choice.fault if choice is not None else None
        return await deliver(request, reply, fault, state.stopping)

    async def _answer(
        self, request: web.Request, endpoint: Endpoint, choice: Choice, entry: Entry
    ) -> dict[str, object]:
        form = await read_form(request, endpoint)
        choice.apply_queued_fault()
        case = await judge.decrypt_files(endpoint, form, self._cipher)
        try:
            scenario = choice.choose(*case.files)
        except ScenarioNameError as problem:
            choice.name = None  # a refused argument: no scenario was chosen
            raise ArgumentError(str(problem)) from problem
        entry.executed = "http" not in scenario.values
        await judge.decode_files(case)
        return judge.conclude(case, scenario)

    def _refusal(self, code: int, request_id: str, message: str | None = None) -> Reply:
        unknown = "a code that the emulator has no sentence for"
        text = message or FACTS.table("codes").get(str(code), unknown)
        body = {"code": code, "message": text, "request_id": request_id}
        return json_reply(body, FACTS.integer("status_of_a_code"))


def _new_id() -> str:
    return uuid.uuid4().hex


def _status_reply(status: int, request_id: str) -> Reply:
    """An HTTP status without a code of the product."""
    message = FACTS.table("statuses").get(str(status), "")
    return json_reply({"message": message, "request_id": request_id}, status)


def _verdict(fields: dict[str, object]) -> str:
    """For the ledger: the code, and whether the person passed if the endpoint says so."""
    code = str(fields["code"])
    if "passed" not in fields:
        return code
    return f"{code} {'passed' if fields['passed'] else 'not passed'}"
