"""Functions of a cloud: containers that start cold and stay warm, and what their runs cost."""

from __future__ import annotations

import random
from collections.abc import Callable

from simulator.deployment import FunctionFacts
from simulator.engine import MICROSECONDS, Engine, Killed, SimulatedClock
from simulator.latency import Latencies
from simulator.meter import Meter

_IDLE_SECONDS = 600.0
"""How long a container without work is kept. No cloud says; others report some minutes."""

_KILL_WITHIN_MS = 8_000.0
"""A function that is killed is killed within this time: that of a run of `run_check`."""

Work = Callable[[int], None]
"""A run of a function; takes when the function is stopped (ms since 1970)."""


class Kills:
    """Chooses runs that are killed, and when: after a number of ms, or None."""

    def __init__(self, share: float, seed: int) -> None:
        self._share = share
        self._random = random.Random(f"{seed}.kills")

    def choose(self) -> float | None:
        if self._share == 0 or self._random.random() >= self._share:
            return None
        return self._random.uniform(0, _KILL_WITHIN_MS)


class Function:
    """A deployed function.

    Attributes:
        busy: its runs at this moment.
        most: the most runs that it has had at once.
    """

    def __init__(
        self,
        facts: FunctionFacts,
        engine: Engine,
        clock: SimulatedClock,
        latencies: Latencies,
        meter: Meter,
        kills: Kills,
    ) -> None:
        self.facts = facts
        self._engine, self._clock = engine, clock
        self._latencies, self._meter, self._kills = latencies, meter, kills
        self._idle: list[int] = []
        """When each idle container was last used. The newest is used next."""
        self.busy = 0
        self.most = 0

    def start(self, work: Work, ended: Callable[[BaseException | None], None]) -> None:
        """Run an event in its own container.

        Args:
            ended: is called at the end, with what the work raised; Killed if it was killed.
        """
        self.busy += 1
        self.most = max(self.most, self.busy)
        worker = self._engine.spawn(lambda: self._run(work, ended))
        kill_after = self._kills.choose()
        if kill_after is not None:
            self._engine.after(kill_after, lambda: self._engine.kill(worker))

    def _run(self, work: Work, ended: Callable[[BaseException | None], None]) -> None:
        name = self.facts.name
        began = self._engine.now
        raised: BaseException | None = None
        try:
            if not self._take_warm():
                self._meter.cold_starts[name] += 1
                self._engine.hold(self._latencies.sample("cold_start"))
            deadline = self._clock.now() + round(self.facts.timeout_seconds * 1000)
            self._engine.hold(self._latencies.sample("own_work"))
            work(deadline)
            if self._clock.now() > deadline:
                self._meter.events["RAN_PAST_ITS_DEADLINE"] += 1
        except Killed as killed:
            raised = killed
        except Exception as error:  # noqa: BLE001 - the platform decides what follows
            raised = error
        seconds = (self._engine.now - began) / (1000 * MICROSECONDS)
        self._meter.runs[name] += 1
        self._meter.gb_seconds[name] += seconds * self.facts.gigabytes
        self.busy -= 1
        if not isinstance(raised, Killed):
            self._idle.append(self._engine.now)
        ended(raised)

    def _take_warm(self) -> bool:
        """Use an idle container. Those that have been idle for too long are gone."""
        if not self._idle:
            return False
        last_used = self._idle.pop()
        if self._engine.now - last_used > _IDLE_SECONDS * 1_000_000:
            self._idle.clear()
            return False
        return True
