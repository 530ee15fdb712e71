"""Steps as SQS messages."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from liveproof import facts
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.steps import SqsSteps
from liveproof.domain.states import Step
from tests.support.aws import check_queue
from tests.support.memory import MemoryClock

ID = "ver_" + "0" * 26


class Sent:
    """What was sent, caught before it leaves."""

    def __init__(self, clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
        self.messages: list[dict[str, Any]] = []
        original = clients.sqs.call

        def call(operation: str, /, **message: Any) -> Any:
            assert operation == "SendMessage"
            self.messages.append(message)
            return original(operation, **message)

        monkeypatch.setattr(clients.sqs, "call", call)


@pytest.fixture
def sent(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> Sent:
    return Sent(clients, monkeypatch)


def url_of(clients: Clients, queue: str) -> str:
    url: str = clients.sqs.call("GetQueueUrl", QueueName=queue)["QueueUrl"]
    return url


@pytest.fixture
def steps(clients: Clients) -> SqsSteps:
    return SqsSteps(
        clients,
        MemoryClock(1_795_000_000_000),
        uploads=url_of(clients, "uploads"),
        checks={check: url_of(clients, check_queue(check)) for check in facts.checks()},
        deliveries=url_of(clients, "deliveries"),
        erasures=url_of(clients, "erasures"),
    )


def queues(step: Step) -> list[tuple[str, str]]:
    """Each check, with the queue of its step."""
    names = {
        Step.VERIFY_UPLOAD: "uploads",
        Step.DELIVER_RESULT: "deliveries",
        Step.ERASE: "erasures",
    }
    return [(check, names.get(step, check_queue(check))) for check in facts.checks()]


@pytest.mark.parametrize(
    ("step", "check", "queue"),
    [(step, *check_and_queue) for step in Step for check_and_queue in queues(step)],
)
def test_each_step_has_its_queue_and_run_check_one_for_each_check(
    clients: Clients, steps: SqsSteps, step: Step, check: str, queue: str
) -> None:
    steps.request(step, ID, check=check, client="shop")

    (message,) = clients.sqs.call("ReceiveMessage", QueueUrl=url_of(clients, queue))["Messages"]
    assert json.loads(message["Body"]) == {"id": ID}


@pytest.mark.parametrize("check", [None, "a check of an older version"])
def test_a_check_that_has_no_queue_runs_from_that_of_another(
    steps: SqsSteps, sent: Sent, check: str | None
) -> None:
    steps.request(Step.RUN_CHECK, ID, check=check, client="shop")

    assert [message["QueueUrl"].rpartition("/")[2] for message in sent.messages] == [
        check_queue(next(iter(facts.checks())))
    ]


@pytest.mark.parametrize("client", ["shop", "Ämter & Söhne", "c" * 255, " "])
def test_a_message_is_in_the_group_of_its_client_under_a_name_that_sqs_takes(
    steps: SqsSteps, sent: Sent, client: str
) -> None:
    for name in (client, client, client + "2"):
        steps.request(Step.RUN_CHECK, ID, check="reflect", client=name)

    first, again, another = (message["MessageGroupId"] for message in sent.messages)
    assert first == again != another
    # SQS takes up to 128 letters, digits and punctuation marks.
    assert re.fullmatch("[0-9a-f]{1,128}", first)


def test_a_message_of_an_unknown_client_is_in_no_group(steps: SqsSteps, sent: Sent) -> None:
    steps.request(Step.RUN_CHECK, ID, check="reflect", client=None)

    assert "MessageGroupId" not in sent.messages[0]


@pytest.mark.parametrize(
    ("later_ms", "delay"),
    [(None, 0), (-5_000, 0), (0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2), (900_000, 900)],
)
def test_a_delay_is_rounded_up_so_that_no_message_comes_early(
    steps: SqsSteps, sent: Sent, later_ms: int | None, delay: int
) -> None:
    steps.request(
        Step.RUN_CHECK,
        ID,
        None if later_ms is None else 1_795_000_000_000 + later_ms,
        check="reflect",
        client="shop",
    )

    assert [message["DelaySeconds"] for message in sent.messages] == [delay]


def test_a_step_later_than_the_longest_delay_of_sqs_is_left_to_the_sweep(
    steps: SqsSteps, sent: Sent
) -> None:
    steps.request(Step.RUN_CHECK, ID, 1_795_000_000_000 + 900_001, check="reflect", client="shop")

    assert sent.messages == []


@pytest.mark.parametrize("step", Step)
def test_ten_messages_that_nobody_has_received_are_a_backlog(steps: SqsSteps, step: Step) -> None:
    for number in range(10):
        assert not steps.has_backlog(step, "reflect"), number
        steps.request(step, ID, check="reflect", client="shop")

    assert steps.has_backlog(step, "reflect")
    assert steps.has_backlog(step, "photo") == (step is not Step.RUN_CHECK)


def test_messages_that_are_delayed_or_in_flight_are_no_backlog(
    clients: Clients, steps: SqsSteps
) -> None:
    soon = 1_795_000_000_000 + 60_000
    for _ in range(10):
        steps.request(Step.RUN_CHECK, ID, soon, check="reflect", client="shop")
        steps.request(Step.RUN_CHECK, ID, check="photo", client="shop")
    url = url_of(clients, check_queue("photo"))
    clients.sqs.call("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10)

    assert not steps.has_backlog(Step.RUN_CHECK, "reflect")
    assert not steps.has_backlog(Step.RUN_CHECK, "photo")
