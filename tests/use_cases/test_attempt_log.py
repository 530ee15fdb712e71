"""The log of a delivery's attempts."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.delivery_transitions import LONGEST_LOG
from liveproof.use_cases.deliver_result import deliver_result
from liveproof.use_cases.resend_result import resend_result
from tests.support.deliveries import NEVER_PAUSED, SERVER_ERROR, decided
from tests.support.deployment import CLIENT, HOUR_MS, Deployment


def test_the_log_has_each_attempt_with_its_answer_and_the_next_time(
    deployment: Deployment,
) -> None:
    deployment.endpoint.script = [
        WebhookResponse(503, None, 30, answer="busy"),
        WebhookResponse(None, "timed_out", 15_000),
        WebhookResponse(204, None, 7),
    ]
    entry = decided(deployment)
    deployment.settle()

    delivery = deployment.load(entry.id).delivery
    assert delivery is not None
    first, second, third = delivery.log
    assert [one.number for one in delivery.log] == [1, 2, 3]
    assert (first.status, first.error, first.latency_ms, first.answer) == (503, None, 30, "busy")
    assert (second.status, second.error, second.answer) == (None, "timed_out", None)
    assert first.next_at is not None
    assert second.next_at is not None
    assert first.at < first.next_at <= second.at < second.next_at <= third.at
    assert (third.status, third.next_at) == (204, None)


def test_a_resend_forgets_no_attempt(deployment: Deployment) -> None:
    deployment.endpoint.script = [WebhookResponse(410, None, 5), WebhookResponse(204, None, 5)]
    entry = decided(deployment)
    deployment.deliver(entry)
    resend_result(deployment.dependencies, CLIENT, entry.id)
    deployment.settle()

    delivery = deployment.load(entry.id).delivery
    assert delivery is not None
    log = [(one.delivery, one.number, one.status) for one in delivery.log]
    assert log == [(1, 1, 410), (2, 1, 204)]


def test_the_log_keeps_the_newest_attempts_and_counts_the_others() -> None:
    deployment = Deployment(webhook_pause_after_seconds=NEVER_PAUSED)
    deployment.endpoint.script = [SERVER_ERROR]
    entry = decided(deployment)
    for _ in range(4):
        deployment.endpoints.rows.clear()  # else twelve days of failures would pause the endpoint
        deployment.settle()
        resend_result(deployment.dependencies, CLIENT, entry.id)

    delivery = deployment.load(entry.id).delivery
    assert delivery is not None
    assert (len(delivery.log), delivery.dropped) == (LONGEST_LOG, 40 - LONGEST_LOG)
    assert [(one.delivery, one.number) for one in delivery.log] == [
        (number, attempt) for number in (2, 3, 4) for attempt in range(1, 11)
    ]


def test_faults_in_a_row_take_one_place_in_the_log(deployment: Deployment) -> None:
    good = deployment.secrets.values["webhooks"]
    entry = decided(deployment)
    deployment.endpoint.script = [SERVER_ERROR]
    deployment.clock.sleep_until(deployment.deliver(entry).due_at or 0)
    deployment.secrets.values["webhooks"] = b'{"endpoints": {}}'
    for _ in range(3):
        deployment.clock.sleep_until(deployment.deliver(entry).due_at or 0)
    faulty = deployment.load(entry.id).delivery
    deployment.secrets.values["webhooks"] = good
    after = deployment.deliver(entry)

    assert faulty is not None
    assert faulty.faults == 3
    assert after.delivery is not None
    assert [(one.number, one.error) for one in after.delivery.log] == [
        (1, None),
        (None, "no_endpoint"),
        (2, None),
    ]


def test_no_log_line_has_a_word_of_an_answer(
    deployment: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "canaryOfAnAnswer"
    deployment.endpoint.script = [WebhookResponse(500, None, 5, answer=canary)]
    with caplog.at_level("DEBUG"):
        after = deployment.deliver(decided(deployment))

    assert "DELIVERY_ATTEMPTED" in caplog.text
    assert canary not in "".join(str(vars(line)) for line in caplog.records)
    assert after.delivery is not None
    assert after.delivery.log[-1].answer == canary


def test_an_attempt_during_which_its_client_asks_for_another_is_in_the_log(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The webhook was sent and accepted, and the record of it was lost."""
    entry = decided(deployment)
    send, asks = deployment.endpoint.send, [True]

    def ask_again(*arguments: Any) -> WebhookResponse:
        response = send(*arguments)
        if asks and asks.pop():
            resend_result(deployment.dependencies, CLIENT, entry.id)
        return response

    monkeypatch.setattr(deployment.endpoint, "send", ask_again)
    deployment.settle()

    delivery = deployment.load(entry.id).delivery
    assert delivery is not None
    assert (delivery.number, delivery.attempts) == (2, 1)
    assert [(one.delivery, one.number, one.status) for one in delivery.log] == [
        (1, 1, 204),
        (2, 1, 204),
    ]


def test_a_probe_during_which_its_client_asks_for_another_is_in_the_log(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.endpoint.script = [WebhookResponse(410, None, 5)]
    entry = decided(deployment)
    paused = deployment.deliver(entry)
    send = deployment.endpoint.send

    def ask_again(*arguments: Any) -> WebhookResponse:
        response = send(*arguments)
        resend_result(deployment.dependencies, CLIENT, entry.id)
        return response

    monkeypatch.setattr(deployment.endpoint, "send", ask_again)
    assert paused.due_at is not None
    deployment.clock.sleep_until(paused.due_at)
    after = deployment.deliver(entry)

    assert after.delivery is not None
    assert after.delivery.number == 2
    assert [(one.delivery, one.number) for one in after.delivery.log] == [(1, 1), (1, None)]


@pytest.mark.parametrize("is_deleted", [False, True], ids=["delivered by a copy", "deleted"])
def test_an_attempt_that_nobody_waits_for_any_more_changes_nothing(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, is_deleted: bool
) -> None:
    """Its function was paused for longer than its lease."""
    entry = decided(deployment)
    send = deployment.endpoint.send

    def stand_still(*arguments: Any) -> WebhookResponse:
        monkeypatch.setattr(deployment.endpoint, "send", send)
        deployment.clock.advance(HOUR_MS)
        deployment.deliver(entry)
        if is_deleted:
            del deployment.records.stored[entry.id]
        return send(*arguments)

    monkeypatch.setattr(deployment.endpoint, "send", stand_still)
    deliver_result(deployment.dependencies, entry.id, deployment.clock.now() + 60_000)

    assert len(deployment.endpoint.delivered) == 2
    stored = deployment.dependencies.records.load(entry.id)
    log = stored.delivery.log if stored and stored.delivery else ()
    assert [(one.delivery, one.number) for one in log] == ([] if is_deleted else [(1, 1)])
