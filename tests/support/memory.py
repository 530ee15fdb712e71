"""Clock, steps, secrets and heartbeats in memory, with the promises that `liveproof.ports` makes.

The other ports have files of their own: `memory_records.py`, `memory_bucket.py` and so on.
"""

from __future__ import annotations

from typing import NamedTuple

from liveproof.domain.states import Step
from liveproof.heartbeats import Heartbeat
from liveproof.ports import (
    SecretUnusable,
    Window,
)
from tests.support.crash_points import CrashPoints


class MemoryClock:
    """A clock that stands still until a test moves it, or somebody sleeps."""

    def __init__(self, now: int = 1_795_000_000_000) -> None:
        self.time = now

    def now(self) -> int:
        return self.time

    def sleep_until(self, at: int) -> None:
        self.time = max(self.time, at)

    def advance(self, milliseconds: float) -> None:
        self.time += round(milliseconds)


class StepRequest(NamedTuple):
    """A requested step; `at` None means now."""

    step: Step
    id: str
    at: int | None
    check: str | None
    client: str | None


class MemorySteps:
    """Steps that were asked for and have not run.

    Attributes:
        backlogs: the steps, with their checks, of which messages wait for their turn.
    """

    def __init__(self, crash_points: CrashPoints | None = None) -> None:
        self._crash_points = crash_points or CrashPoints()
        self.requests: list[StepRequest] = []
        self.window: Window | None = None
        self.backlogs: set[tuple[Step, str | None]] = set()

    def lookahead(self, now: int) -> Window | None:
        return self.window

    def request(
        self,
        step: Step,
        verification_id: str,
        at: int | None = None,
        *,
        check: str | None,
        client: str | None,
    ) -> None:
        with self._crash_points.around("steps.request"):
            self.requests.append(StepRequest(step, verification_id, at, check, client))

    def has_backlog(self, step: Step, check: str | None) -> bool:
        with self._crash_points.around("steps.has_backlog"):
            return (step, check) in self.backlogs

    def take(self) -> list[StepRequest]:
        """Everything asked for; forgets it."""
        requests, self.requests = self.requests, []
        return requests


class MemorySecrets:
    """Secrets by name."""

    def __init__(self, values: dict[str, bytes], crash_points: CrashPoints | None = None) -> None:
        self._crash_points = crash_points or CrashPoints()
        self.values = values

    def get(self, name: str) -> bytes:
        with self._crash_points.around("secrets.get"):
            if name not in self.values:
                raise SecretUnusable(f"secret {name}: it has no value yet")
            return self.values[name]

    def refresh(self, name: str) -> bool:
        """Nothing is cached here, so nothing is another one now."""
        return False


class MemoryHeartbeats:
    """The last heartbeat of each name."""

    def __init__(self, crash_points: CrashPoints | None = None) -> None:
        self._crash_points = crash_points or CrashPoints()
        self.rows: dict[str, Heartbeat] = {}

    def beat(self, name: str, at: int, detail: str = "") -> None:
        with self._crash_points.around("heartbeats.beat"):
            self.rows[name] = Heartbeat(at, detail)

    def last(self, name: str) -> Heartbeat | None:
        return self.rows.get(name)
