"""Steps as SQS messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.steps import SqsSteps
from liveproof.domain.states import Step
from tests.support.memory import MemoryClock

ID = "ver_" + "0" * 26


class Sent:
    """What was sent, caught before it leaves."""

    def __init__(self, clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
        self.messages: list[dict[str, Any]] = []
        original = clients.sqs.send_message

        def send_message(**message: Any) -> Any:
            self.messages.append(message)
            return original(**message)

        monkeypatch.setattr(clients.sqs, "send_message", send_message)


@pytest.fixture
def sent(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> Sent:
    return Sent(clients, monkeypatch)


@pytest.fixture
def steps(clients: Clients) -> SqsSteps:
    urls = {
        Step.VERIFY_UPLOAD: clients.sqs.get_queue_url(QueueName="uploads")["QueueUrl"],
        Step.RUN_CHECK: clients.sqs.get_queue_url(QueueName="checks")["QueueUrl"],
        Step.DELIVER_RESULT: clients.sqs.get_queue_url(QueueName="deliveries")["QueueUrl"],
    }
    return SqsSteps(clients, urls, MemoryClock(1_795_000_000_000))


@pytest.mark.parametrize(
    ("step", "queue"),
    [
        (Step.VERIFY_UPLOAD, "uploads"),
        (Step.RUN_CHECK, "checks"),
        (Step.DELIVER_RESULT, "deliveries"),
    ],
)
def test_each_step_has_its_queue(clients: Clients, steps: SqsSteps, step: Step, queue: str) -> None:
    steps.request(step, ID)

    url = clients.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    (message,) = clients.sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"id": ID}


@pytest.mark.parametrize(
    ("later_ms", "delay"),
    [(None, 0), (-5_000, 0), (0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2), (900_000, 900)],
)
def test_a_delay_is_rounded_up_so_that_no_message_comes_early(
    steps: SqsSteps, sent: Sent, later_ms: int | None, delay: int
) -> None:
    steps.request(Step.RUN_CHECK, ID, None if later_ms is None else 1_795_000_000_000 + later_ms)

    assert [message["DelaySeconds"] for message in sent.messages] == [delay]


def test_what_is_later_than_sqs_can_wait_is_left_to_the_sweep(steps: SqsSteps, sent: Sent) -> None:
    steps.request(Step.RUN_CHECK, ID, 1_795_000_000_000 + 900_001)

    assert sent.messages == []
