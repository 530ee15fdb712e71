"""The local AWS hands out messages as SQS's fair queues do."""

from __future__ import annotations

import itertools
import json
from typing import Any

from tools.local.aws import fair_queues, ministack
from tools.local.aws.fair_queues import NOISY_IN_FLIGHT, RECENT_SECONDS, FairOrder, Message


class Queue:
    """Messages of several groups, of which a number are processed at a time."""

    def __init__(self, at_once: int) -> None:
        self.now = 1_000.0
        self.at_once = at_once
        self.messages: list[Message] = []
        self.working: list[Message] = []
        self._order = FairOrder(lambda: self.now)
        self._handles = itertools.count()

    def send(self, group: str | None, count: int) -> None:
        for _ in range(count):
            number = str(next(self._handles))
            self.messages.append(
                {"id": number, "group_id": group, "visible_at": self.now, "receive_count": 0,
                 "receipt_handle": None}
            )  # fmt: skip

    def receive(self) -> str | None:
        """The group of the next message, which is in work then."""
        arranged = self._order.arrange(self.messages)
        if not arranged:
            return None
        message = arranged[0]
        message |= {"visible_at": self.now + 720, "receive_count": 1}
        message["receipt_handle"] = str(next(self._handles))
        self._order.received([message])
        self.working.append(message)
        return str(message["group_id"])

    def work(self, seconds: float) -> list[str]:
        """Fill the free places, and let everything in flight end after these seconds."""
        received = []
        while len(self.working) < self.at_once and (group := self.receive()):
            received.append(group)
        self.now += seconds
        for message in self.working:
            self.messages.remove(message)
        self._order.deleted([message["receipt_handle"] for message in self.working])
        self.working = []
        return received


def test_of_one_group_the_oldest_message_is_first() -> None:
    queue = Queue(3)
    queue.send("a", 5)

    assert [message["id"] for message in queue._order.arrange(queue.messages)] == list("01234")


def test_a_group_that_took_the_time_so_far_comes_after_one_that_arrives() -> None:
    queue = Queue(10)
    queue.send("a", 100)
    queue.work(1.0)
    queue.send("b", 5)

    assert queue.work(1.0) == ["b"] * 5 + ["a"] * 5
    assert queue.work(1.0) == ["a"] * 10


def test_two_groups_that_both_take_much_time_share_it() -> None:
    queue = Queue(10)
    queue.send("a", 200)
    queue.send("b", 200)
    taken = [group for _ in range(10) for group in queue.work(1.0)][10:]

    assert abs(taken.count("a") - taken.count("b")) <= 10


def test_a_group_with_many_messages_in_flight_is_noisy_before_any_has_ended() -> None:
    queue = Queue(100)
    queue.send("a", NOISY_IN_FLIGHT + 10)
    for _ in range(NOISY_IN_FLIGHT):
        queue.receive()
    queue.send("b", 1)

    assert queue.receive() == "b"


def test_old_messages_no_longer_count() -> None:
    queue = Queue(1)
    queue.send("a", 1)
    queue.work(10.0)
    queue.now += RECENT_SECONDS + 1
    queue.send("a", 1)
    queue.send("b", 1)

    assert queue.receive() == "a"


def test_a_message_without_a_group_is_one_of_its_own() -> None:
    queue = Queue(2)
    queue.send("a", 20)
    queue.work(1.0)
    queue.send(None, 2)

    assert queue.work(1.0) == ["None", "None"]


def test_a_delayed_message_is_not_handed_out_and_one_of_a_killed_worker_takes_no_more_time() -> (
    None
):
    queue = Queue(1)
    queue.send("a", 1)
    queue.send("b", 1)
    queue.messages[1]["visible_at"] = queue.now + 5
    queue.receive()
    assert queue.receive() is None

    queue.now += 1_000  # the worker of `a` was killed: its message is visible again
    assert queue.receive() == "a"


def _queue_url(sqs: Any, name: str) -> str:
    url: str = sqs.create_queue(QueueName=name)["QueueUrl"]
    return url


def test_the_local_aws_hands_out_a_quiet_groups_message_first(aws: ministack.LocalAws) -> None:
    sqs = aws.client("sqs")
    url = _queue_url(sqs, "fair")
    for number in range(3):
        sqs.send_message(QueueUrl=url, MessageBody=f"a{number}", MessageGroupId="a")
    (first,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.send_message(QueueUrl=url, MessageBody="b", MessageGroupId="b")
    sqs.send_message(QueueUrl=url, MessageBody="without a group")

    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert first["Body"] == "a0"
    assert [message["Body"] for message in received] == ["b", "without a group", "a1", "a2"]


def test_a_second_receive_of_a_message_is_in_the_log(aws: ministack.LocalAws) -> None:
    sqs = aws.client("sqs")
    url = _queue_url(sqs, "again")
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps({}))
    before = aws.receives_again()
    for _ in range(3):
        sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)

    assert aws.receives_again() == before + 2
    assert fair_queues.AGAIN in aws.log.read_text(encoding="utf-8")
