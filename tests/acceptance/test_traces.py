"""Traces of deployed functions, at a collector that they reach over HTTP: docs/traces.md."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Any

from liveproof.observability.trace_context import RunTrace
from tests.acceptance.client import Client
from tests.support.collector import Collector, collecting

STEPS = ("verify_upload", "run_check", "deliver_result")
SECONDS = 60


def test_the_steps_of_a_verification_arrive_at_a_collector_as_one_trace(client: Client) -> None:
    with collecting() as collector, ExitStack() as changed:
        for function in STEPS:
            changed.enter_context(
                client.cloud.deployment.with_variable(
                    function, "LIVEPROOF_TRACE_ENDPOINT", collector.url
                )
            )
        made = client.start()
        assert client.outcome(made["id"], SECONDS)["decision"] == "passed"
        # A run sends its spans when it has ended: the last ones come after the webhook.
        deadline = time.monotonic() + SECONDS
        while not set(zip(STEPS[1:], STEPS, strict=False)) <= _with_parents(collector, made["id"]):
            assert time.monotonic() < deadline, collector.spans
            time.sleep(0.1)

    traces = {span["traceId"] for span in _spans(collector, made["id"])}
    assert traces == {RunTrace().span_of(made["id"]).trace}


def _with_parents(collector: Collector, verification: str) -> set[tuple[str, str]]:
    """The name of each span that has a parent, with its parent's."""
    spans = _spans(collector, verification)
    names = {span["spanId"]: span["name"] for span in spans}
    parents = [(span["name"], names.get(span.get("parentSpanId", ""))) for span in spans]
    return {(name, parent) for name, parent in parents if parent is not None}


def _spans(collector: Collector, verification: str) -> list[dict[str, Any]]:
    return [
        span
        for span in list(collector.spans)
        if span["attributes"]["liveproof.verification"] == verification
    ]
