"""Every answer that a route gives is in the OpenAPI document, and every one there is given."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

import msgspec
import pytest
from msgspec.structs import replace

from liveproof.api.http import MAX_BODY_BYTES, Request, Response
from liveproof.api.openapi import openapi
from liveproof.api.openapi_answers import PLATFORM
from liveproof.api.routes import ROUTES, serve
from liveproof.domain.audit import CLIENT
from liveproof.domain.erasure_transitions import erasure_requested
from liveproof.domain.evidence import Manifest
from liveproof.domain.limits import MILLION, Counts, counter_name, day_of
from liveproof.secret_documents import vendor_key
from liveproof.use_cases.create_reflect_sequence import LONGEST_WAIT_MS
from liveproof.use_cases.errors import TooManyOpen
from liveproof.vendors.errors import NotSent
from liveproof.vendors.tencent.reflect_sequence import DeviceData, ReflectSequences
from tests.support.checks import answer
from tests.support.deployment import API_KEY, Deployment, declared
from tests.support.routes import (
    CREATE,
    GET,
    LIST,
    RENEW,
    RESEND,
    Answer,
    answer_of,
    ask,
    declared_answers,
)

EVIDENCE = "GET /v1/verifications/{id}/evidence"
DELETE = "DELETE /v1/verifications/{id}"
RANGE = "POST /v1/deliveries"
SEQUENCE = "POST /v1/reflect-sequences"
HEALTH = "GET /v1/webhooks/health"
TEST = "POST /v1/webhooks/test"
KEYS = "GET /.well-known/liveproof/webhook-keys.json"

ATTEMPTS, OPEN, SPEND = 10, 5, 100
LIMITS: dict[str, Any] = {
    "attempts_per_client_per_day": ATTEMPTS,
    "open_verifications_per_client": OPEN,
    "daily_spend": SPEND,
    "prices": {"DetectReflectLivenessAndCompare": 1},
    "rejected_files_hours": 1,
}
"""Settings that no good request reaches."""


class RequestParts(NamedTuple):
    """A request. Its defaults are a good one."""

    headers: Mapping[str, str] = {}
    query: Mapping[str, list[str]] = {}
    body: bytes | None = None
    key: str = API_KEY
    verification_id: str | None = None


class Vendor:
    """Stands in for the vendor's light sequences; its key is read as the real one's is."""

    region = "ap-singapore"

    def __init__(self, deployment: Deployment) -> None:
        self._key = vendor_key(deployment.secrets, "vendor-key")
        self.down = False

    def upload(self, device_data: str, timeout: float) -> DeviceData:
        self._key()
        if self.down:
            raise NotSent("no connection to the vendor")
        return DeviceData("https://vendor.invalid/data", "md5")

    def generate(self, device_data: DeviceData, security_level: int, timeout: float) -> bytes:
        return b"sequence"


class World:
    """A deployment with a waiting and a decided verification, and the route that is called."""

    def __init__(self, route: str) -> None:
        self.route = route
        self.deployment = Deployment(**LIMITS)
        self.vendor = Vendor(self.deployment)
        self.dependencies = dataclasses.replace(
            self.deployment.dependencies,
            reflect_sequences=cast(ReflectSequences, self.vendor),
        )
        entry = self.deployment.ready()
        self.decided = self.deployment.run_check(entry)
        self.waiting = self.deployment.create()

    def good_body(self) -> bytes:
        if self.route == CREATE:
            inputs = {name: msgspec.to_builtins(input) for name, input in declared().items()}
            return json.dumps({"check": "reflect", "inputs": inputs}).encode()
        bodies = {
            SEQUENCE: b'{"device_data": "{}"}',
            RANGE: b'{"since": "2026-01-01T00:00:00Z", "state": "pending"}',
        }
        return bodies.get(self.route, b"")

    def ask(self, parts: RequestParts) -> Answer:
        entry = self.waiting if self.route == RENEW else self.decided
        method, _, path = self.route.partition(" ")
        request = Request(
            method=method,
            path=path.replace("{id}", parts.verification_id or entry.id),
            query=parts.query,
            headers={"authorization": f"Bearer {parts.key}", **parts.headers},
            body=self.good_body() if parts.body is None else parts.body,
        )
        response = serve(self.dependencies, ROUTES[self.route].function, request)
        return answer_of(response)


Way = Callable[[World], RequestParts]


def _broken_keys(world: World) -> RequestParts:
    world.deployment.secrets.values["api-keys"] = b"{}"
    return RequestParts()


def _broken_vendor_key(world: World) -> RequestParts:
    world.deployment.secrets.values["vendor-key"] = b"{}"
    return RequestParts()


def _broken_webhooks(world: World) -> RequestParts:
    world.deployment.secrets.values["webhooks"] = b"{}"
    return RequestParts()


def _fault(world: World) -> RequestParts:
    def fail(name: str) -> bytes:
        raise RuntimeError("nobody foresaw it")

    world.deployment.secrets.get = fail  # type: ignore[method-assign]
    return RequestParts()


def _vendor_down(world: World) -> RequestParts:
    world.vendor.down = True
    return RequestParts()


def _quota_full(world: World) -> RequestParts:
    far = world.deployment.clock.now() + LONGEST_WAIT_MS + 1
    world.deployment.quota.next_at["faceid.GenerateReflectSequence.ap-singapore.line"] = far
    return RequestParts()


def _tested_before(world: World) -> RequestParts:
    world.ask(RequestParts())
    return RequestParts()


def _used_key(world: World) -> RequestParts:
    world.ask(RequestParts({"idempotency-key": "k"}))
    other = json.loads(world.good_body()) | {"reference": "other"}
    return RequestParts({"idempotency-key": "k"}, body=json.dumps(other).encode())


def _gone(world: World) -> RequestParts:
    world.ask(RequestParts({"idempotency-key": "k"}))
    world.deployment.records.stored.clear()
    return RequestParts({"idempotency-key": "k"})


def _conflict(world: World) -> RequestParts:
    world.deployment.records.conflicts_to_come = 99
    return RequestParts()


def _expired(world: World) -> RequestParts:
    world.deployment.clock.advance(24 * 60 * 60 * 1000)
    return RequestParts()


def _erased(world: World) -> RequestParts:
    entry = world.deployment.load(world.decided.id)
    erased = erasure_requested(entry, world.deployment.clock.now(), CLIENT)
    world.deployment.records.save(erased)
    return RequestParts()


def _evidence_gone(world: World) -> RequestParts:
    signed = Manifest(sha256="0" * 64, key_id="k", signed_at=1)
    entry = world.deployment.load(world.decided.id)
    world.deployment.records.save(replace(entry, manifest=signed))
    return RequestParts()


def _too_many(world: World) -> RequestParts:
    for _ in range(ATTEMPTS - len(world.deployment.records.all())):
        world.deployment.run_check(world.deployment.ready())
    return RequestParts()


def _too_many_open(world: World) -> RequestParts:
    for _ in range(OPEN):
        world.ask(RequestParts())
    return RequestParts()


def _spent(world: World) -> RequestParts:
    counter = counter_name(day_of(world.waiting.created_at))
    world.deployment.limits.counters[counter] = Counts(spend=SPEND * MILLION)
    return RequestParts()


def _rejected_before(world: World) -> RequestParts:
    world.deployment.check.script = [answer(similarity=1.0)]
    world.deployment.run_check(world.deployment.ready(reference="order-1"))
    return RequestParts(
        body=json.dumps(json.loads(world.good_body()) | {"reference": "order-1"}).encode()
    )


def _too_soon(world: World) -> RequestParts:
    part = RequestParts(
        body=json.dumps(json.loads(world.good_body()) | {"dry_run": False}).encode()
    )
    world.ask(part)
    return part


ANY: dict[str, Way] = {
    "a good request": lambda _: RequestParts(),
    "no known key": lambda _: RequestParts(key="x"),
    "an unknown query parameter": lambda _: RequestParts(query={"x": ["1"]}),
    "a parameter twice": lambda _: RequestParts(query={"limit": ["1", "1"]}),
    "a body that is no JSON": lambda _: RequestParts(body=b"{"),
    "a body too large": lambda _: RequestParts(body=b" " * (MAX_BODY_BYTES + 1)),
    "API keys that are refused": _broken_keys,
    "a fault that nobody foresaw": _fault,
    "a store that always changes": _conflict,
    "an odd idempotency key": lambda _: RequestParts({"idempotency-key": "\udcff"}),
    "a used idempotency key": lambda _: RequestParts({"idempotency-key": "k"}),
    "an unknown id": lambda _: RequestParts(verification_id="ver_" + "0" * 26),
    "long after": _expired,
}
MORE: dict[str, dict[str, Way]] = {
    CREATE: {
        "another request with the key": _used_key,
        "what the key made is gone": _gone,
        "the client has had its verifications of the day": _too_many,
        "too many are undecided": _too_many_open,
        "the money of the day is spent": _spent,
        "the files were rejected": _rejected_before,
    },
    RENEW: {"decided": lambda world: RequestParts(verification_id=world.decided.id)},
    LIST: {"an odd limit": lambda _: RequestParts(query={"limit": ["0"]})},
    GET: {},
    EVIDENCE: {
        "not decided": lambda world: RequestParts(verification_id=world.waiting.id),
        "the bucket has deleted it": _evidence_gone,
        "somebody had it erased": _erased,
    },
    RESEND: {"not decided": lambda world: RequestParts(verification_id=world.waiting.id)},
    DELETE: {},
    RANGE: {"the next part too soon": _too_soon},
    SEQUENCE: {
        "the vendor is down": _vendor_down,
        "the quota is used up": _quota_full,
        "a vendor's key that is refused": _broken_vendor_key,
    },
    HEALTH: {},
    TEST: {
        "tested a moment ago": _tested_before,
        "webhooks that are refused": _broken_webhooks,
    },
    KEYS: {"webhooks that are refused": _broken_webhooks},
}


@pytest.mark.parametrize("route", ROUTES)
def test_the_document_declares_exactly_the_answers_that_a_route_gives(route: str) -> None:
    answers: dict[str, Answer] = {}
    for name, way in {**ANY, **MORE[route]}.items():
        world = World(route)
        answers[name] = world.ask(way(world))

    assert set(answers.values()) == declared_answers(route), answers
    assert answers["a good request"] == (ROUTES[route].status, None)


@pytest.mark.parametrize("route", ROUTES)
def test_the_document_has_what_a_platform_answers_on_every_route(route: str) -> None:
    method, _, path = route.partition(" ")
    responses = openapi()["paths"][path][method.lower()]["responses"]
    of_the_platform = {
        status
        for status, response in responses.items()
        if "PlatformAnswer" in str(response["content"].get("application/json"))
    }

    assert of_the_platform == {*map(str, PLATFORM), "default"}


def test_an_answer_that_is_not_declared_fails_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    def answers_with_another(*_: object) -> Response:
        raise TooManyOpen("no route but one declares it", retry_after=1)

    changed = dataclasses.replace(ROUTES[GET], operation=answers_with_another)
    monkeypatch.setitem(ROUTES, GET, changed)
    with pytest.raises(AssertionError, match="does not declare it"):
        ask(Deployment(), GET, verification_id="ver_" + "0" * 26)


def test_every_route_is_driven() -> None:
    assert set(MORE) == set(ROUTES)


def test_every_route_can_say_what_any_can() -> None:
    for route in ROUTES:
        codes = {code for _, code in declared_answers(route)}
        assert {"invalid_request", "request_too_large"} <= codes
        assert ("unauthorized" in codes) == (route != KEYS)
        assert {"not_configured", "internal_error"} <= codes


def test_the_query_parameters_of_the_document_are_those_that_are_read() -> None:
    for route, entry in ROUTES.items():
        method, _, path = route.partition(" ")
        operation = openapi()["paths"][path][method.lower()]
        parameters = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
        assert {one["name"] for one in parameters} == set(entry.query)
        assert all(one["schema"] and one["description"] for one in parameters)
