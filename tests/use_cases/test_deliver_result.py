"""Delivering a decision: attempts by schedule, one at a time, none lost."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from liveproof import facts, observability
from liveproof.domain import lease
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.observability import Metric
from liveproof.use_cases.deliver_result import deliver_result
from liveproof.use_cases.resend_result import resend_result
from liveproof.webhooks.retries import FREQUENT_FAULTS
from tests.support.crash_points import Failed, Killed
from tests.support.deliveries import NEVER_PAUSED, SERVER_ERROR, decided
from tests.support.deployment import CLIENT, WEBHOOK_SECRET, Deployment

DELAYS = facts.webhook_schedule().delays_seconds
DAY_MS = 24 * 60 * 60 * 1000


def delivery_of(verification: Verification) -> tuple[DeliveryState, int]:
    assert verification.delivery is not None
    return verification.delivery.state, verification.delivery.attempts


def test_a_taken_webhook_ends_the_delivery(deployment: Deployment) -> None:
    after = deployment.deliver(decided(deployment))

    assert delivery_of(after) == (DeliveryState.DELIVERED, 1)
    assert after.due_at is None
    assert deployment.steps.requests == []
    (sent,) = deployment.endpoint.delivered
    assert sent.url == "https://shop.example/hooks"
    assert sent.opened_with(WEBHOOK_SECRET)["data"]["id"] == after.id
    assert int(sent.headers["webhook-timestamp"]) == sent.at // 1000


@pytest.mark.parametrize(
    "response", [SERVER_ERROR, WebhookResponse(302, None, 1), WebhookResponse(404, None, 1)]
)
def test_any_other_answer_is_tried_again(deployment: Deployment, response: WebhookResponse) -> None:
    deployment.endpoint.script = [response]
    after = deployment.deliver(decided(deployment))

    assert delivery_of(after) == (DeliveryState.PENDING, 1)
    assert after.due_at is not None
    assert deployment.steps.requests[0].at == after.due_at
    assert after.delivery is not None
    assert after.delivery.last_attempt is not None
    assert after.delivery.last_attempt.status == response.status


def test_attempts_follow_the_schedule_with_a_fifth_of_jitter_and_end() -> None:
    deployment = Deployment(webhook_pause_after_seconds=NEVER_PAUSED)
    deployment.endpoint.script = [WebhookResponse(None, "timed_out", 15_000)]
    entry = decided(deployment)
    waits: list[float] = []
    for _ in DELAYS:
        after = deployment.deliver(entry)
        assert delivery_of(after)[0] is DeliveryState.PENDING
        assert after.due_at is not None
        waits.append((after.due_at - deployment.clock.now()) / 1000)
        deployment.clock.time = after.due_at
    last = deployment.deliver(entry)

    assert delivery_of(last) == (DeliveryState.EXHAUSTED, len(DELAYS) + 1)
    assert last.due_at is None
    for wait, delay in zip(waits, DELAYS, strict=True):
        assert 0.8 * delay - 0.001 <= wait <= 1.2 * delay + 0.001
    assert any(wait != delay for wait, delay in zip(waits, DELAYS, strict=True))
    assert len({sent.body for sent in deployment.endpoint.delivered}) == 1
    assert len({sent.headers["webhook-id"] for sent in deployment.endpoint.delivered}) == 1
    assert len({sent.headers["webhook-timestamp"] for sent in deployment.endpoint.delivered}) > 5
    for sent in deployment.endpoint.delivered:
        sent.opened_with(WEBHOOK_SECRET)


def test_only_the_attempt_that_ends_a_delivery_in_vain_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployment = Deployment(webhook_pause_after_seconds=NEVER_PAUSED)
    counted: list[Metric] = []
    entry = decided(deployment)
    monkeypatch.setattr(observability, "count", counted.append)
    deployment.endpoint.script = [SERVER_ERROR]
    for _ in DELAYS:
        deployment.clock.sleep_until(deployment.deliver(entry).due_at or 0)
    assert counted == []

    deployment.deliver(entry)
    assert counted == [Metric.DELIVERY_EXHAUSTED]


def test_every_attempt_is_logged_with_its_number_and_answer(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[dict[str, object]] = []
    entry = decided(deployment)
    monkeypatch.setattr(observability, "record", lambda _, **fields: lines.append(fields))
    deployment.endpoint.script = [SERVER_ERROR, WebhookResponse(None, "timed_out", 15_000)]
    first = deployment.deliver(entry)
    deployment.clock.sleep_until(first.due_at or 0)
    deployment.deliver(entry)

    always = {"verification": entry.id, "state": "pending"}
    assert lines == [
        {**always, "attempt": 1, "status": 500, "error": None, "latency_ms": 30},
        {**always, "attempt": 2, "status": None, "error": "timed_out", "latency_ms": 15_000},
    ]


@pytest.mark.parametrize(("function_ms", "seconds"), [(60_000, 58), (3_500, 1.5), (500, 1)])
def test_an_endpoint_gets_the_functions_time_but_for_two_seconds_to_record_its_answer(
    deployment: Deployment, function_ms: int, seconds: float
) -> None:
    entry = decided(deployment)
    deliver_result(deployment.dependencies, entry.id, deployment.clock.now() + function_ms)

    assert [sent.seconds_left for sent in deployment.endpoint.delivered] == [seconds]


@pytest.mark.parametrize(
    ("status", "retry_after", "shortest", "longest"),
    [
        (503, 40.0, 40, 40),
        (503, 1.0, 4, 6),
        (429, None, 60, 60),
        (429, 90.0, 90, 90),
        (502, None, 60, 60),
        (504, 2.0, 60, 60),
        (500, 1e9, 86_400, 86_400),
        (500, float("inf"), 86_400, 86_400),
    ],
)
def test_an_endpoint_may_ask_for_more_time_but_not_for_ever(
    deployment: Deployment, status: int, retry_after: float | None, shortest: float, longest: float
) -> None:
    deployment.endpoint.script = [WebhookResponse(status, None, 5, retry_after)]
    after = deployment.deliver(decided(deployment))

    assert after.due_at is not None
    assert shortest <= (after.due_at - deployment.clock.now()) / 1000 <= longest


def test_a_copy_of_the_message_sends_nothing(deployment: Deployment) -> None:
    entry = decided(deployment)
    deployment.deliver(entry)
    deployment.deliver(entry)

    assert len(deployment.endpoint.delivered) == 1


def test_a_copy_that_comes_while_sending_sends_nothing(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = decided(deployment)
    original = deployment.endpoint.send

    def deliver_again_and_send(
        url: str, headers: Mapping[str, str], body: bytes, seconds_left: float
    ) -> WebhookResponse:
        deployment.deliver(entry)
        return original(url, headers, body, seconds_left)

    monkeypatch.setattr(deployment.endpoint, "send", deliver_again_and_send)
    after = deployment.deliver(entry)

    assert len(deployment.endpoint.delivered) == 1
    assert delivery_of(after) == (DeliveryState.DELIVERED, 1)


def test_a_function_that_dies_while_sending_costs_the_client_no_attempt(
    deployment: Deployment,
) -> None:
    entry = decided(deployment)
    deadline = deployment.clock.now() + 60_000
    deployment.crash_points.arm("before endpoint.send")
    with pytest.raises(Killed):
        deployment.deliver(entry)
    waiting = deployment.load(entry.id)

    assert delivery_of(waiting) == (DeliveryState.PENDING, 0)
    assert waiting.due_at == deadline + lease.LEASE_MARGIN_MS
    deployment.settle()
    assert delivery_of(deployment.load(entry.id)) == (DeliveryState.DELIVERED, 1)


def test_nothing_is_sent_before_it_is_due(deployment: Deployment) -> None:
    deployment.endpoint.script = [SERVER_ERROR]
    entry = deployment.deliver(decided(deployment))
    deployment.clock.advance(1_000)
    deployment.deliver(entry)

    assert len(deployment.endpoint.delivered) == 1


def test_nothing_is_sent_before_there_is_a_decision(deployment: Deployment) -> None:
    deployment.deliver(deployment.ready())

    assert deployment.endpoint.delivered == []


def test_the_delivery_of_a_client_without_an_endpoint_says_so(deployment: Deployment) -> None:
    deployment.secrets.values["webhooks"] = b'{"endpoints": {}}'
    after = deployment.deliver(decided(deployment))

    assert deployment.endpoint.delivered == []
    assert after.delivery is not None
    assert after.delivery.last_attempt is not None
    assert after.delivery.last_attempt.error == "no_endpoint"
    assert after.delivery.last_attempt.latency_ms == 0, "nothing was sent"
    assert delivery_of(after) == (DeliveryState.PENDING, 0)


def test_our_faults_use_up_no_attempt_however_long_they_last(deployment: Deployment) -> None:
    good = deployment.secrets.values["webhooks"]
    deployment.secrets.values["webhooks"] = b"{"
    entry = decided(deployment)
    began = deployment.clock.now()

    runs = 0
    while deployment.clock.now() < began + 30 * DAY_MS:
        waiting = deployment.deliver(entry)
        assert delivery_of(waiting) == (DeliveryState.PENDING, 0)
        assert waiting.due_at is not None
        deployment.clock.sleep_until(waiting.due_at)
        runs += 1

    assert FREQUENT_FAULTS < runs < FREQUENT_FAULTS + 28, "once a day after three days"
    deployment.secrets.values["webhooks"] = good
    assert delivery_of(deployment.deliver(entry)) == (DeliveryState.DELIVERED, 1)


@pytest.mark.parametrize("error", ["url_not_https", "url_unusable", "network_down"])
def test_a_failure_on_our_own_side_is_a_fault_of_ours(
    deployment: Deployment, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Metric] = []
    entry = decided(deployment)
    monkeypatch.setattr(observability, "count", counted.append)
    deployment.endpoint.script = [WebhookResponse(None, error, 5)]
    after = deployment.deliver(entry)

    assert delivery_of(after) == (DeliveryState.PENDING, 0)
    assert after.delivery is not None
    assert after.delivery.last_attempt is not None
    assert after.delivery.last_attempt.error == error
    assert counted == [Metric.DELIVERY_FAULT]


@pytest.mark.parametrize(
    "error",
    ["name_not_resolved", "address_not_public", "timed_out", "not_connected", "tls_failed"],
)
def test_a_failure_of_the_endpoint_is_no_fault_of_ours(deployment: Deployment, error: str) -> None:
    deployment.endpoint.script = [WebhookResponse(None, error, 5)]

    assert delivery_of(deployment.deliver(decided(deployment))) == (DeliveryState.PENDING, 1)


def test_a_fault_of_ours_between_attempts_leaves_the_schedule_where_it_was(
    deployment: Deployment,
) -> None:
    entry = decided(deployment)
    good = deployment.secrets.values["webhooks"]
    deployment.endpoint.script = [SERVER_ERROR]
    first = deployment.deliver(entry)
    deployment.clock.sleep_until(first.due_at or 0)
    deployment.secrets.values["webhooks"] = b"{"
    faulty = deployment.deliver(entry)
    deployment.clock.sleep_until(faulty.due_at or 0)
    deployment.secrets.values["webhooks"] = good
    second = deployment.deliver(entry)

    assert [delivery_of(attempt)[1] for attempt in (first, faulty, second)] == [1, 1, 2]
    assert second.delivery is not None
    assert second.delivery.faults == 0


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"{",
        b'{"endpoints": {"shop": {}}}',
        b'{"endpoints": {"shop": {"url": "https://x.example", "secrets": ["whsec_"]}}}',
        b'{"endpoints": {"shop": {"url": "https://x.example", "secrets": ["whsec_short"]}}}',
    ],
)
def test_an_unusable_secret_leaves_the_delivery_due_and_costs_no_attempt(
    deployment: Deployment, value: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    entry = decided(deployment)
    good = deployment.secrets.values.pop("webhooks")
    if value is not None:
        deployment.secrets.values["webhooks"] = value

    with caplog.at_level("ERROR"):
        waiting = deployment.deliver(entry)

    assert "DELIVERY_FAULT" in caplog.text
    assert "whsec_" not in caplog.text.replace("after whsec_", "")
    assert delivery_of(waiting) == (DeliveryState.PENDING, 0)
    assert waiting.delivery is not None
    assert waiting.delivery.faults == 1
    assert waiting.delivery.last_attempt is not None
    assert waiting.delivery.last_attempt.error == "deployment_fault"
    assert waiting.due_at == deployment.clock.now() + 10_000
    deployment.secrets.values["webhooks"] = good
    deployment.settle()
    assert delivery_of(deployment.load(entry.id)) == (DeliveryState.DELIVERED, 1)


def test_every_secret_of_a_rotation_signs(deployment: Deployment) -> None:
    second = "whsec_" + "QUJD" * 10
    document = json.loads(deployment.secrets.values["webhooks"])
    document["endpoints"][CLIENT]["secrets"].append(second)
    deployment.secrets.values["webhooks"] = json.dumps(document).encode()
    deployment.deliver(decided(deployment))

    (sent,) = deployment.endpoint.delivered
    assert sent.opened_with(WEBHOOK_SECRET) == sent.opened_with(second)


def test_each_attempt_says_which_it_is(deployment: Deployment) -> None:
    deployment.endpoint.script = [SERVER_ERROR, SERVER_ERROR, WebhookResponse(204, None, 5)]
    entry = decided(deployment)
    deployment.settle()
    resend_result(deployment.dependencies, CLIENT, entry.id)
    deployment.settle()

    numbers = [sent.headers["webhook-attempt"] for sent in deployment.endpoint.delivered]
    assert numbers == ["1", "2", "3", "1"]


def test_a_store_that_fails_before_an_attempt_keeps_no_permit_of_its_endpoint(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An endpoint that is unproven or failing has one: its other webhooks waited 30 seconds."""
    entry = decided(deployment)

    def fail(verification: Verification) -> Verification:
        raise Failed

    with monkeypatch.context() as patched:
        patched.setattr(deployment.records, "save", fail)
        with pytest.raises(Failed):
            deployment.deliver(entry)

    assert deployment.endpoint.delivered == []
    assert deployment.endpoints.load(CLIENT).in_flight(deployment.clock.now()) == []
