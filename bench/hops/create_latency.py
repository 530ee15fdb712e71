"""Asking for a verification, warm, beside a request that is refused at the door."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Mapping

from bench import verifications
from bench.figure import BenchError, Figure
from tools import http_client
from tools.demo import samples
from tools.local.cloud import LocalCloud

_RUNS, _WARM_UP = 30, 3
_BASELINE = "the same request without an API key: the same hop, no work"


def figure(cloud: LocalCloud) -> Figure:
    """POST /v1/verifications until its answer, one after the other.

    The baseline reaches the same function. On AWS an unknown route would not: the gateway knows
    the routes.

    Raises:
        BenchError: an answer is not the expected one.
    """
    rng = samples.new_rng()
    body = json.dumps(verifications.request_body(verifications.files(rng))).encode()
    content = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    key = {"Authorization": f"Bearer {cloud.api_key}"}
    created, refused = [], []
    for number in range(_WARM_UP + _RUNS):
        ours = _milliseconds(cloud.api, {**content, **key}, body, 201)
        bare = _milliseconds(cloud.api, content, body, 401)
        if number >= _WARM_UP:
            created.append(ours)
            refused.append(bare)
    return Figure(
        f"pipeline.{cloud.name}.create",
        statistics.median(created),
        "ms",
        statistics.median(refused),
        _BASELINE,
        extra={"runs": _RUNS, "slowest_ms": max(created)},
    )


def _milliseconds(api: str, headers: Mapping[str, str], body: bytes, expected: int) -> float:
    started = time.perf_counter()
    answer = http_client.request("POST", f"{api}/v1/verifications", headers, body)
    taken = (time.perf_counter() - started) * 1000
    if answer.status != expected:
        raise BenchError(f"the API answered {answer.status} and not {expected}")
    return taken
