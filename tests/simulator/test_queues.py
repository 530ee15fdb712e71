"""Queues as SQS has them: delays, visibility, groups; and event sources with a concurrency."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from simulator.deployment import QueueFacts
from simulator.engine import Engine
from simulator.latency import Latencies, Percentiles
from simulator.meter import Meter
from simulator.queues import MAX_RECEIVES, EventSource, Message, Queue

FACTS = QueueFacts(batch_size=1, concurrency=10, visibility_seconds=30)


class Ground:
    """A queue, and the means to let time pass."""

    def __init__(self, facts: QueueFacts = FACTS) -> None:
        self.engine, self.meter = Engine(), Meter()
        self.queue = Queue(self.engine, facts, self.meter)

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        self.engine.after(seconds * 1000, action)

    def run(self, seconds: float) -> None:
        self.at(seconds, self.engine.stop)
        self.engine.run()


def bodies(messages: Sequence[Message]) -> list[object]:
    return [message.body for message in messages]


def test_a_message_can_be_received_when_its_delay_is_over() -> None:
    ground, received = Ground(), []
    ground.queue.send("later", None, delay_seconds=5)
    ground.at(4.9, lambda: received.append(bodies(ground.queue.receive(10))))
    ground.at(5.1, lambda: received.append(bodies(ground.queue.receive(10))))
    ground.run(6)

    assert received == [[], ["later"]]


def test_a_message_that_fails_is_visible_again_after_its_visibility_time() -> None:
    ground, received = Ground(), []
    ground.queue.send("again", None)
    (message,) = ground.queue.receive(1)
    ground.at(10, lambda: ground.queue.fail(message))
    ground.at(29.9, lambda: received.append(bodies(ground.queue.receive(1))))
    ground.at(30.1, lambda: received.append(bodies(ground.queue.receive(1))))
    ground.run(31)

    assert received == [[], ["again"]]
    assert ground.meter.receives == {1: 1, 2: 1}


def test_a_message_that_always_fails_becomes_a_dead_letter() -> None:
    ground = Ground()

    def receive() -> None:
        for message in ground.queue.receive(1):
            ground.queue.fail(message)

    ground.queue.on_visible = receive
    ground.queue.send("poison", None)
    ground.run(1000)

    assert ground.queue.dead_letters == 1
    assert max(ground.meter.receives) == MAX_RECEIVES


def test_a_group_that_uses_little_of_the_consumers_comes_before_one_that_uses_much() -> None:
    ground = Ground()
    for number in range(50):
        ground.queue.send(f"noisy {number}", "noisy")
    for message in ground.queue.receive(10):
        ground.at(4, partial(ground.queue.delete, message))
    ground.at(5, lambda: ground.queue.send("quiet", "quiet"))
    received: list[object] = []
    ground.at(6, lambda: received.extend(bodies(ground.queue.receive(2))))
    ground.run(7)

    assert received == ["quiet", "noisy 10"]


def test_of_two_noisy_groups_the_one_with_fewer_in_flight_is_next() -> None:
    ground = Ground()
    for number in range(20):
        ground.queue.send(f"one {number}", "one")
    first = ground.queue.receive(4)
    for number in range(20):
        ground.queue.send(f"two {number}", "two")
    second = ground.queue.receive(1)
    for message in (*first[:1], *second):
        ground.at(4, partial(ground.queue.delete, message))
    received: list[object] = []
    ground.at(5, lambda: received.extend(bodies(ground.queue.receive(6))))
    ground.run(6)

    assert [str(body).split()[0] for body in received[:3]] == ["two", "two", "two"]


def event_source(ground: Ground, seconds: float) -> list[list[object]]:
    """An event source whose function takes this long; the batches that it was handed."""
    handled: list[list[object]] = []

    def handle(batch: Sequence[Message], ended: Callable[[Sequence[Message]], None]) -> None:
        handled.append(bodies(batch))
        ground.at(seconds, lambda: ended([]))

    latencies = Latencies("aws", 1, {"step_delivery": Percentiles(10, 20)})
    EventSource(ground.queue, ground.engine, latencies, handle)
    return handled


def test_an_event_source_begins_with_five_batches_and_adds_five_a_second_up_to_its_limit() -> None:
    ground = Ground()
    handled = event_source(ground, seconds=1000)
    counts: list[int] = []
    for number in range(50):
        ground.queue.send(number, None)
    for at in (0.2, 0.9, 1.9, 10):
        ground.at(at, lambda: counts.append(len(handled)))
    ground.run(11)

    assert counts[0] == 5 + 1 or counts[0] == 5
    assert counts[1] in (8, 9)
    assert counts[2:] == [10, 10]


@pytest.mark.parametrize(("size", "batches"), [(10, 2), (1, 12)])
def test_a_batch_is_what_is_visible_at_that_moment(size: int, batches: int) -> None:
    ground = Ground(FACTS._replace(batch_size=size, concurrency=1))
    handled = event_source(ground, seconds=0.5)
    for number in range(12):
        ground.queue.send(number, None)
    ground.run(60)

    assert len(handled) == batches
    assert [body for batch in handled for body in batch] == list(range(12))
    assert ground.meter.receives == {1: 12}
