"""The spans of a verification's way through both clouds, as a collector gets them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from liveproof.clouds.aws import runtime as aws_runtime
from liveproof.observability import Event, wide_event
from liveproof.observability.trace_context import RunTrace, Span, parse
from tests.functions import test_whole_path_aws as aws
from tests.functions import test_whole_path_tencent as tencent
from tests.support.canaries import API_KEY, declared
from tests.support.collector import Collector, collecting
from tests.support.lambdas import http_event, invoke

aws_journey = aws.journey
tencent_journey = tencent.journey

CALLER = Span("a" * 32, "b" * 16)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as collector:
        monkeypatch.setenv("LIVEPROOF_TRACE_ENDPOINT", collector.url)
        monkeypatch.setenv(
            "LIVEPROOF_TRACE_ATTRIBUTES", "token=token-1,deployment.environment=test"
        )
        yield collector


@pytest.fixture(params=["aws", "tencent"])
def journey(request: pytest.FixtureRequest, collector: Collector) -> Any:
    return request.getfixturevalue(f"{request.param}_journey")


def by_name(collector: Collector) -> dict[str, dict[str, Any]]:
    return {span["name"]: span for span in collector.spans}


def test_every_step_is_a_span_of_the_verifications_trace_after_the_span_that_requested_it(
    journey: Any, collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    made = journey.create()
    journey.upload(made)
    journey.run_steps()

    assert [span["name"] for span in collector.spans] == [
        "create_verification", "verify_upload", "verify_upload", "run_check", "deliver_result",
    ]  # fmt: skip
    assert {span["traceId"] for span in collector.spans} == {RunTrace().span_of(made["id"]).trace}
    ids = {span["attributes"]["liveproof.verification"] for span in collector.spans}
    assert ids == {made["id"]}
    create, first, last, check, delivery = collector.spans
    assert not any("parentSpanId" in span for span in (create, first, last))
    assert check["parentSpanId"] == last["spanId"]
    assert delivery["parentSpanId"] == check["spanId"]
    assert len({span["spanId"] for span in collector.spans}) == 5
    assert check["attributes"]["liveproof.vendor_calls"] == 1
    assert check["attributes"]["liveproof.decision"] == "passed"
    assert [span["kind"] for span in collector.spans] == [2, 5, 5, 5, 5]
    assert not any("status" in span for span in collector.spans)
    sender = {"service.name": "liveproof", "token": "token-1", "deployment.environment": "test"}
    assert all(resource == sender for resource in collector.resources)
    logged = {vars(record).get("trace") for record in caplog.records} - {None}
    assert logged == {create["traceId"]}


def test_a_collector_that_refuses_costs_a_log_line_and_nothing_else(
    journey: Any, collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    collector.status = 503
    made = journey.create()

    assert made["id"]
    (lost,) = [record for record in caplog.records if record.message == Event.TRACE_LOST.name]
    assert vars(lost)["detail"] == "the collector of traces answered 503"
    assert "token-1" not in str(vars(lost))


def test_a_request_is_linked_to_the_callers_span_and_without_a_verification_its_child(
    aws_journey: aws.Journey, collector: Collector
) -> None:
    headers = {"authorization": f"Bearer {API_KEY}", "traceparent": CALLER.traceparent}
    body = json.dumps({"check": "reflect", "inputs": declared(aws_journey.files)})
    invoke("create_upload", {**http_event(aws.CREATE, API_KEY, body=body), "headers": headers})
    invoke(
        "read_verification",
        {**http_event("GET /v1/verifications", API_KEY), "headers": headers},
    )

    created, listed = collector.spans
    assert created["links"] == [{"traceId": CALLER.trace, "spanId": CALLER.id}]
    assert created["traceId"] != CALLER.trace
    assert (listed["traceId"], listed["parentSpanId"]) == CALLER


@pytest.mark.parametrize("carried", [{}, {"traceparent": "00-nonsense"}, {"traceparent": 7}])
def test_a_message_without_a_trace_or_with_nonsense_is_handled_in_the_right_trace(
    tencent_journey: tencent.Journey, collector: Collector, carried: dict[str, Any]
) -> None:
    tencent_journey.upload(tencent_journey.create())
    ((_, message),) = tencent_journey.invocations
    del message["traceparent"]
    message.update(carried)
    tencent_journey.run_steps()

    check = by_name(collector)["run_check"]
    assert "parentSpanId" not in check
    assert check["traceId"] == collector.spans[0]["traceId"]


def test_without_an_endpoint_no_message_carries_a_trace(
    tencent_journey: tencent.Journey,
) -> None:
    tencent_journey.upload(tencent_journey.create())

    assert [set(event) for _, event in tencent_journey.invocations] == [{"id"}]


@pytest.mark.parametrize(
    "text",
    [None, 7, "", "00-x", f"01-{'a' * 32}-{'b' * 16}-01", f"00-{'0' * 32}-{'b' * 16}-01",
     f"00-{'a' * 32}-{'0' * 16}-01", f"00-{'A' * 32}-{'b' * 16}-01"],
)  # fmt: skip
def test_an_invalid_traceparent_is_ignored(text: object) -> None:
    assert parse(text) is None
    assert parse(CALLER.traceparent) == CALLER


def test_only_requests_to_x_ray_are_signed(
    aws_journey: aws.Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def signed(url: str) -> str:
        headers = aws_runtime.sign_traces(None, url, {"Content-Type": "application/json"}, b"{}")
        return headers.get("Authorization", "")

    assert "/xray/aws4_request" in signed("https://xray.ap-southeast-1.amazonaws.com/v1/traces")
    assert signed("https://xray.example.com/v1/traces") == ""
    assert signed("https://collector.example/v1/traces") == ""


def test_an_event_outside_of_runs_carries_nothing() -> None:
    assert wide_event.current().carried("ver_" + "0" * 26) == {}
