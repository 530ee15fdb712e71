"""What a request of any size costs: no more than in proportion to its size."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from liveproof.api.http import Request
from liveproof.api.routes import serve
from liveproof.clouds.aws import http as aws
from liveproof.clouds.tencent import http as tencent
from tests.support.deployment import API_KEY, Deployment, declared

SMALL, LARGE = 8_000, 64_000


def least(work: Callable[[], object]) -> float:
    """The least CPU time of several runs, without the garbage collector: what it costs depends on
    everything that the process has, and it begins more often in larger runs."""

    def once() -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    gc.disable()
    try:
        return min(once() for _ in range(5))
    finally:
        gc.enable()


def in_proportion(small: Callable[[], object], large: Callable[[], object]) -> bool:
    """Eight times the size is eight times the work, and 64 times where the work is quadratic."""
    return least(large) < 24 * least(small) + 0.002


def wanted(**changes: Any) -> bytes:
    inputs = {name: msgspec.to_builtins(entry) for name, entry in declared().items()}
    return json.dumps({"check": "reflect", "inputs": inputs, **changes}).encode()


REQUESTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "a long key": lambda size: {"headers": {"authorization": "Bearer " + "k" * size}},
    "a key of spaces": lambda size: {"headers": {"authorization": "Bearer " + " " * size + "k"}},
    "a long idempotency key": lambda size: {"headers": {"idempotency-key": "k" * size}},
    "a long path": lambda size: {"path": "/v1/verifications/" + "x" * size},
    "a path of slashes": lambda size: {"path": "/" * size},
    "many query parameters": lambda size: {"query": {f"p{n}": ["1"] for n in range(size // 8)}},
    "one parameter many times": lambda size: {"query": {"limit": ["1"] * (size // 8)}},
    "a long cursor": lambda size: {"method": "GET", "query": {"cursor": ["0" * size]}},
    "a long limit": lambda size: {"method": "GET", "query": {"limit": ["9" * size]}},
    "much metadata": lambda size: {"body": wanted(metadata={"k": "x" * (size - 1_000)})},
    "many texts": lambda size: {
        "body": wanted(metadata={f"k{n}": "x" for n in range((size - 1_000) // 16)})
    },
    "a long reference": lambda size: {"body": wanted(reference="\u20ac" * (size // 8))},
    "a long challenge": lambda size: {
        "body": wanted(challenge={"type": "lip", "data": "1" * size})
    },
    "a long check": lambda size: {"body": wanted(check="x" * (size - 1_000))},
    "other inputs": lambda size: {
        "body": wanted(
            inputs={
                f"i{n}": {"md5": "0" * 32, "size": 1, "content_type": "a/b"}
                for n in range(size // 90)
            }
        )
    },
    "spaces after the body": lambda size: {"body": wanted() + b" " * (size - 1_000)},
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_requests_cost_is_in_proportion_to_its_size(deployment: Deployment, name: str) -> None:
    def work(size: int) -> Callable[[], object]:
        changes = REQUESTS[name](size)
        request = Request(
            method=changes.get("method", "POST"),
            path=changes.get("path", "/v1/verifications"),
            query=changes.get("query", {}),
            headers={"authorization": f"Bearer {API_KEY}", **changes.get("headers", {})},
            body=changes.get("body", b""),
        )
        return lambda: serve(deployment.dependencies, "api", request)

    assert in_proportion(work(SMALL), work(LARGE))


TEXTS: dict[str, Callable[[int], str]] = {
    "parameters": lambda size: "&".join(f"p{n}=1" for n in range(size // 8)),
    "the same parameter": lambda size: "a=1&" * (size // 4),
    "escapes": lambda size: "%c3%bc" * (size // 6),
    "half an escape": lambda size: "%" * size,
    "signs": lambda size: "&=;+" * (size // 4),
    "surrogates": lambda size: "\udcff" * size,
}


@pytest.mark.parametrize("name", TEXTS)
def test_an_events_cost_is_in_proportion_to_its_size(name: str) -> None:
    def of_aws(text: str) -> Callable[[], object]:
        event = {"routeKey": "GET /v1/verifications/{id}", "rawQueryString": text, "body": text}
        return lambda: aws.read_request({**event, "pathParameters": {"id": text}})

    def of_tencent(text: str) -> Callable[[], object]:
        event = {"httpMethod": "GET", "path": text, "body": text, "headers": {"a": text}}
        return lambda: tencent.read_request({**event, "queryString": {text: text}})

    for event in (of_aws, of_tencent):
        assert in_proportion(event(TEXTS[name](SMALL)), event(TEXTS[name](LARGE)))


def test_a_quadratic_cost_is_seen() -> None:
    """The control of this page."""

    def quadratic(size: int) -> Callable[[], object]:
        return lambda: [sum(range(size // 100)) for _ in range(size // 100)]

    assert not in_proportion(quadratic(SMALL), quadratic(LARGE))
