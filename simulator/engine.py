"""Virtual time for ordinary blocking code: SimPy's events, and a greenlet for each piece of work.

SimPy's own processes are generators: whatever waits has to yield, and so has everything above it.
The use cases are plain functions that call ports, which wait. So each piece of work is a greenlet.
To wait is to leave an event with SimPy and to switch to the loop; the event switches back.

Time is an integer, microseconds since the start: two runs of the same work meet the same moments,
and no sum of waits ends before the time that it should reach.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import simpy
from greenlet import getcurrent, greenlet
from simpy.events import Event, Timeout

EPOCH_MS = 1_795_000_020_000
"""The time of the start in ms since 1970, at a full minute: timers are aligned to it."""

MICROSECONDS = 1000
"""In a millisecond."""


class Killed(BaseException):
    """The function's process ended here. Not an Exception: no code may catch it and go on."""


class Stranded(Exception):
    """Nothing is left that could happen, and the run has not been stopped."""


class Worker(greenlet):
    """A piece of work that can wait.

    Attributes:
        awaited: the event that it waits for; None while it runs.
    """

    awaited: Event | None = None

    def resume(self, event: Event) -> None:
        """Go on, if the worker still waits for this event. Called by the loop."""
        if event is self.awaited:
            self.awaited = None
            self.switch()


class Engine:
    """The clock of a run and everything that waits for it. It runs in the thread that made it."""

    def __init__(self) -> None:
        self._environment = simpy.Environment(initial_time=0)
        self._stopped = self._environment.event()
        self._loop = getcurrent()

    @property
    def now(self) -> int:
        """Microseconds since the start."""
        now: Any = self._environment._now  # SimPy's type says float; the property costs a call
        return now  # type: ignore[no-any-return]

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return self.now / 1_000_000

    def spawn(self, work: Callable[[], object]) -> Worker:
        """Start a piece of work at this moment, after what is going on. Killed ends it quietly."""

        def run() -> None:
            try:
                work()
            except Killed:
                return

        worker = Worker(run, self._loop)
        self._await(worker, 0)
        return worker

    def hold(self, milliseconds: float) -> None:
        """Wait. Only a worker can."""
        self._await(getcurrent(), round(milliseconds * MICROSECONDS))
        self._loop.switch()

    def hold_until(self, microseconds: int) -> None:
        """Wait until a time, unless it is over."""
        if microseconds > self.now:
            self._await(getcurrent(), microseconds - self.now)
            self._loop.switch()

    def after(self, milliseconds: float, action: Callable[[], object]) -> None:
        """Do something later that does not wait itself."""
        event: Any = Timeout(self._environment, round(milliseconds * MICROSECONDS))

        def act(_: Event) -> None:
            action()

        event.callbacks.append(act)

    def kill(self, worker: Worker) -> None:
        """Raise Killed where a worker waits; nothing if it is over. Called by what `after` does."""
        if not worker.dead:
            worker.awaited = None
            worker.throw(Killed)

    def run(self) -> None:
        """Let time pass until `stop`. Raises what a piece of work raises, or Stranded."""
        try:
            self._environment.run(until=self._stopped)
        except RuntimeError:
            if self._environment.peek() == math.inf:
                raise Stranded("nothing is left to happen") from None
            raise

    def stop(self) -> None:
        """End `run` at this moment."""
        if not self._stopped.triggered:
            self._stopped.succeed()

    def _await(self, worker: Any, microseconds: int) -> None:
        event: Any = Timeout(self._environment, microseconds)
        event.callbacks.append(worker.resume)
        worker.awaited = event


class SimulatedClock:
    """The Clock port on virtual time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def now(self) -> int:
        return EPOCH_MS + self._engine.now // MICROSECONDS

    def sleep_until(self, at: int) -> None:
        self._engine.hold_until((at - EPOCH_MS) * MICROSECONDS)
