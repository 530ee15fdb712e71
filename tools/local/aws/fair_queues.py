"""SQS's fair queues, which MiniStack does not play: the order in which it hands out messages.

Source: "How Amazon SQS fair queues work" (Amazon SQS Developer Guide, read 2026-11-26). A group is
noisy if it has more than a tenth of the messages in flight and at least 30 of them, or more than a
tenth of the recent processing time. Quiet groups' messages come first; of several noisy groups that
with the fewest in flight. A message without a group is its own group. A noisy group becomes
quiet when its backlog is gone; here its share of the recent time does that.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

Message = dict[str, Any]
"""MiniStack's: `id`, `group_id`, `visible_at`, `receive_count`, `receipt_handle`."""

NOISY_SHARE = 0.1
NOISY_IN_FLIGHT = 30
RECENT_SECONDS = 60.0
"""AWS does not say how long "recent" is. The number is ours."""


AGAIN = "liveproof: a message was received again:"
"""How a line of MiniStack's log begins for each receive of a message after its first."""


class _Worked(NamedTuple):
    """A message's processing, from its receive to its deletion."""

    ended: float
    group: str
    seconds: float


class FairOrder:
    """Which message of one queue is handed out next.

    Args:
        clock: seconds, as `visible_at` counts them.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._began: dict[str, tuple[float, str]] = {}
        self._worked: deque[_Worked] = deque()

    def arrange(self, messages: Sequence[Message]) -> list[Message]:
        """The visible messages in the order in which they are to be handed out."""
        now = self._clock()
        working = [
            message
            for message in messages
            if message["visible_at"] > now and message["receive_count"] > 0
        ]
        handles = {message["receipt_handle"] for message in working}
        self._began = {handle: of for handle, of in self._began.items() if handle in handles}
        in_flight = Counter(map(_group, working))
        noisy = self._noisy(in_flight, now)
        visible = [message for message in messages if message["visible_at"] <= now]
        # A stable sort: within a group, and among quiet groups, the oldest is first.
        return sorted(
            visible,
            key=lambda message: in_flight[group] if (group := _group(message)) in noisy else -1,
        )

    def received(self, messages: Sequence[Message]) -> None:
        """Note that these were handed out."""
        for message in messages:
            self._began[message["receipt_handle"]] = (self._clock(), _group(message))

    def deleted(self, receipt_handles: Collection[str]) -> None:
        """Note that the messages with these handles are done."""
        now = self._clock()
        for handle in receipt_handles:
            if handle in self._began:
                began, group = self._began.pop(handle)
                self._worked.append(_Worked(now, group, now - began))

    def _noisy(self, in_flight: Counter[str], now: float) -> set[str]:
        while self._worked and self._worked[0].ended < now - RECENT_SECONDS:
            self._worked.popleft()
        seconds: defaultdict[str, float] = defaultdict(float)
        for worked in self._worked:
            seconds[worked.group] += worked.seconds
        for began, group in self._began.values():
            seconds[group] += min(now - began, RECENT_SECONDS)
        all_seconds, all_in_flight = sum(seconds.values()), in_flight.total()
        by_time = {group for group, own in seconds.items() if own > NOISY_SHARE * all_seconds}
        by_number = {
            group
            for group, own in in_flight.items()
            if own >= NOISY_IN_FLIGHT and own > NOISY_SHARE * all_in_flight
        }
        return by_time | by_number


def _group(message: Message) -> str:
    return message.get("group_id") or f"message {message['id']}"


class FairQueues:
    """Hands out MiniStack's messages in a fair order, and says so if one is handed out again."""

    def __init__(self, sqs: Any) -> None:
        self._sqs = sqs
        self._collect, self._delete = sqs._collect_msgs, sqs._delete_messages_for_esm
        self._orders: defaultdict[str, FairOrder] = defaultdict(FairOrder)
        self._lock = threading.Lock()

    def collect(self, queue: dict[str, Any], most: int, visibility_seconds: int) -> list[Message]:
        """MiniStack's `_collect_msgs`: the next messages, which become invisible."""
        for message in queue["messages"]:
            self._sqs._ensure_msg_fields(message)
        arn = queue["attributes"]["QueueArn"]
        with self._lock:
            first = self._orders[arn].arrange(queue["messages"])[:most]
            messages: list[Message] = self._collect(
                {**queue, "messages": first}, most, visibility_seconds
            )
            self._orders[arn].received(messages)
        for message in messages:
            if message["receive_count"] > 1:
                print(f"{AGAIN} {arn}", flush=True)
        return messages

    def delete(self, queue_url: str, receipt_handles: set[str]) -> None:
        """MiniStack's `_delete_messages_for_esm`."""
        self._delete(queue_url, receipt_handles)
        arn = self._sqs._get_q(queue_url)["attributes"]["QueueArn"]
        with self._lock:
            self._orders[arn].deleted(receipt_handles)


def play(sqs: Any) -> None:
    """Let MiniStack's module of SQS hand out messages in a fair order. It has standard queues only
    where liveproof is deployed; a FIFO queue would lose its order."""
    fair = FairQueues(sqs)
    sqs._collect_msgs, sqs._delete_messages_for_esm = fair.collect, fair.delete
