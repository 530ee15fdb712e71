"""SQS's standard queues, with delays, visibility and groups, and Lambda's event sources on them.

Sources: Amazon SQS Developer Guide, "How Amazon SQS fair queues work"; AWS Lambda Developer Guide,
"Configuring scaling behavior for SQS event source mappings". Both read on 2026-11-26.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence

from simulator.deployment import QueueFacts
from simulator.engine import Engine
from simulator.latency import Latencies
from simulator.meter import Meter
from tools.local.aws.fair_queues import NOISY_IN_FLIGHT, NOISY_SHARE, RECENT_SECONDS

_QUIET_AFTER = 300 * 1_000_000
"""A group that sent nothing for five minutes is not noisy any more (microseconds)."""

_FIRST_POLLERS = 5
_MORE_PER_SECOND = 5
"""An event source begins with five batches at once and adds up to 300 a minute."""
_SCALE_AGAIN_MS = 200.0

MAX_RECEIVES = 5
"""`maxReceiveCount` of every queue in infra/aws."""


class Message:
    """A message. `group` is None for those of S3, which have none."""

    __slots__ = ("body", "group", "received_at", "receives", "sent_at")

    def __init__(self, body: object, group: str | None) -> None:
        self.body, self.group = body, group
        self.receives = 0
        self.sent_at = self.received_at = 0


class _Group:
    """The messages of one group, and how much of the consumers it uses."""

    def __init__(self) -> None:
        self.waiting: deque[Message] = deque()
        self.in_flight = 0
        self.last_sent = 0
        self._time, self._time_at = 0.0, 0

    def spend(self, seconds: float, now: int) -> None:
        """A consumer has spent this long on a message of the group."""
        self._time, self._time_at = self.recent_time(now) + seconds, now

    def recent_time(self, now: int) -> float:
        """Seconds that consumers spent on the group; what is long ago counts little."""
        age = (now - self._time_at) / 1_000_000
        return self._time * math.exp(-age / RECENT_SECONDS)


class Queue:
    """A standard queue. Messages of groups that use little of the consumers come first."""

    def __init__(self, engine: Engine, facts: QueueFacts, meter: Meter) -> None:
        self._engine, self.facts, self._meter = engine, facts, meter
        self._groups: dict[str | None, _Group] = {}
        self._in_flight = 0
        self.visible = 0
        self.dead_letters = 0
        self.on_visible: Callable[[], None] = lambda: None

    def send(self, body: object, group: str | None, delay_seconds: int = 0) -> None:
        """Put a message into the queue; nobody can receive it before the delay is over."""
        self._meter.operations["message"] += 1
        self._meter.operations["grouped_message"] += group is not None
        message = Message(body, group)
        message.sent_at = self._engine.now
        self._group(group).last_sent = self._engine.now
        if delay_seconds:
            self._engine.after(delay_seconds * 1000.0, lambda: self._show(message))
        else:
            self._show(message)

    def receive(self, most: int) -> list[Message]:
        """Take messages, which nobody else gets until they are deleted or fail."""
        taken: list[Message] = []
        while self.visible and len(taken) < most:
            group = self._next_group()
            message = group.waiting.popleft()
            message.receives += 1
            message.received_at = self._engine.now
            self._meter.receives[message.receives] += 1
            group.in_flight += 1
            self._in_flight += 1
            self.visible -= 1
            taken.append(message)
        return taken

    def delete(self, message: Message) -> None:
        """The message has been handled."""
        self._release(message)

    def fail(self, message: Message) -> None:
        """Nobody has handled the message: it is visible again when its visibility time is over."""
        self._release(message)
        if message.receives >= MAX_RECEIVES:
            self.dead_letters += 1
            return
        visible_at = message.received_at + self.facts.visibility_seconds * 1_000_000
        wait = max(0.0, (visible_at - self._engine.now) / 1000)
        self._engine.after(wait, lambda: self._show(message))

    def _show(self, message: Message) -> None:
        self._group(message.group).waiting.append(message)
        self.visible += 1
        self.on_visible()

    def _release(self, message: Message) -> None:
        group = self._group(message.group)
        group.in_flight -= 1
        self._in_flight -= 1
        now = self._engine.now
        group.spend((now - message.received_at) / 1_000_000, now)

    def _group(self, name: str | None) -> _Group:
        group = self._groups.get(name)
        if group is None:
            group = self._groups[name] = _Group()
        return group

    def _next_group(self) -> _Group:
        """The group whose message is delivered next: the oldest of a quiet one, or of the noisy one
        with the fewest in flight."""
        waiting = [(name, group) for name, group in self._groups.items() if group.waiting]
        if len(waiting) == 1:
            return waiting[0][1]
        now = self._engine.now
        total = sum(group.recent_time(now) for group in self._groups.values())
        quiet = [group for name, group in waiting if not self._is_noisy(name, group, total)]
        if quiet:
            return min(quiet, key=lambda group: group.waiting[0].sent_at)
        return min(
            (group for _, group in waiting),
            key=lambda group: (group.in_flight, group.waiting[0].sent_at),
        )

    def _is_noisy(self, name: str | None, group: _Group, total_time: float) -> bool:
        now = self._engine.now
        if name is None or now - group.last_sent > _QUIET_AFTER:
            return False
        many = (
            group.in_flight >= NOISY_IN_FLIGHT and group.in_flight > NOISY_SHARE * self._in_flight
        )
        return many or group.recent_time(now) > NOISY_SHARE * total_time > 0


Handle = Callable[[Sequence[Message], Callable[[Sequence[Message]], None]], None]
"""Handles a batch, and calls back with the messages of it that failed."""


class EventSource:
    """Lambda's poller of one queue: a fixed number of batches at once, and no more."""

    def __init__(self, queue: Queue, engine: Engine, latencies: Latencies, handle: Handle) -> None:
        self._queue, self._engine, self._latencies = queue, engine, latencies
        self._handle = handle
        self._busy = 0
        self._on_the_way = 0
        """Batches that will be received in a moment."""
        self._active_since = 0
        self._will_scale = False
        queue.on_visible = self._poll

    def _poll(self) -> None:
        """Start batches for what is visible, as far as the concurrency allows."""
        if self._busy == 0:
            self._active_since = self._engine.now
        size = self._queue.facts.batch_size
        while self._queue.visible > self._on_the_way * size and self._busy < self._allowed():
            self._busy += 1
            self._on_the_way += 1
            self._engine.after(self._latencies.sample("step_delivery"), self._pick_up)
        if self._queue.visible and self._busy < self._queue.facts.concurrency:
            self._scale_later()

    def _allowed(self) -> int:
        seconds = (self._engine.now - self._active_since) / 1_000_000
        scaled = _FIRST_POLLERS + int(_MORE_PER_SECOND * seconds)
        return min(self._queue.facts.concurrency, scaled)

    def _scale_later(self) -> None:
        if self._will_scale:
            return
        self._will_scale = True

        def scale() -> None:
            self._will_scale = False
            self._poll()

        self._engine.after(_SCALE_AGAIN_MS, scale)

    def _pick_up(self) -> None:
        self._on_the_way -= 1
        batch = self._queue.receive(self._queue.facts.batch_size)
        if not batch:
            self._busy -= 1
            return

        def ended(failed: Sequence[Message]) -> None:
            for message in batch:
                if message in failed:
                    self._queue.fail(message)
                else:
                    self._queue.delete(message)
            self._busy -= 1
            self._poll()

        self._handle(batch, ended)
