"""SCF's queue of asynchronous events: each is tried, retried a minute later, and at last dropped.

Source: asynchronous invocation, cloud.tencent.com/document/product/583/41138 (2025-06-30).
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tools.local.tencent.platform.outcome import Outcome
from tools.local.tencent.platform.wiring import Function

MAX_BYTES = 128 * 1024
RETRY_SECONDS = 60.0

Try = Callable[["Event"], Awaitable[Outcome]]


@dataclass
class Event:
    """A queued event. `attempts` have ended; `source` is who sent it."""

    function: Function
    body: object = field(repr=False)
    source: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    received: float = field(default_factory=time.monotonic)
    attempts: int = 0
    failure: str = ""

    @property
    def is_too_old(self) -> bool:
        """Whether its retention time is over."""
        return time.monotonic() - self.received > self.function.retention_seconds

    def document(self) -> dict[str, object]:
        """As the control `state` lists it."""
        return {
            "function": self.function.name,
            "event": self.body,
            "source": self.source,
            "request_id": self.request_id,
            "attempts": self.attempts,
            "failure": self.failure,
        }


class AsyncQueue:
    """Carries each event until it succeeds or its retries or its time are over.

    Args:
        attempt: runs an event once.
        retry_seconds: between two tries.
        log: gets a line, without the event, when one fails.

    Attributes:
        retries: how many times an event was tried after its first time.
    """

    def __init__(
        self, attempt: Try, retry_seconds: float, log: Callable[[Function, str], None]
    ) -> None:
        self._attempt, self._retry_seconds, self._log = attempt, retry_seconds, log
        self._in_flight: dict[asyncio.Task[None], Event] = {}
        self._dead_letters: list[Event] = []
        self.retries = 0

    def add(self, event: Event) -> None:
        """Takes an event; its first try begins at once."""
        task = asyncio.create_task(self._deliver(event))
        self._in_flight[task] = event
        task.add_done_callback(self._in_flight.pop)

    def waiting(self) -> list[Event]:
        """Events that are in flight or wait for a retry; oldest first."""
        return list(self._in_flight.values())

    def dead_letters(self) -> list[Event]:
        """Events whose retries or time are over. SCF has no dead-letter queue and drops them."""
        return list(self._dead_letters)

    async def stop(self) -> None:
        """Drops every event."""
        tasks = list(self._in_flight)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, event: Event) -> None:
        own_failures = 0
        while not event.is_too_old:
            self.retries += event.attempts > 0
            outcome = await self._attempt(event)
            event.attempts += 1
            if outcome.failure is None:
                return
            event.failure = outcome.failure.text
            own_failures += outcome.failure.is_functions_own
            if own_failures > event.function.retries:
                break
            self._log(event.function, f"platform: {outcome.failure.kind}; it will be tried again")
            await asyncio.sleep(self._retry_seconds)
        self._dead_letters.append(event)
        self._log(event.function, f"platform: event dropped after {event.attempts} tries")
