"""The Limits port in memory: each change is one write of the store, as on both clouds."""

from __future__ import annotations

from liveproof.domain.limits import Counts, Most, taken
from simulator.engine import Engine
from simulator.latency import Latencies
from simulator.meter import Meter


class SimulatedLimits:
    """The counters by name, and the digests with the time until which they are remembered."""

    def __init__(self, engine: Engine, latencies: Latencies, meter: Meter) -> None:
        self._engine, self._latencies, self._meter = engine, latencies, meter
        self.counters: dict[str, Counts] = {}
        self._digests: dict[str, int] = {}

    def take(self, counter: str, added: Counts, most: Most, keep_until: int) -> Counts:
        self._write()
        after = taken(self.counters.get(counter, Counts()), added, most)
        self.counters[counter] = after
        return after

    def counts(self, counter: str) -> Counts:
        self._engine.hold(self._latencies.sample("record_read"))
        return self.counters.get(counter, Counts())

    def give_back(self, counter: str, back: Counts) -> None:
        self._write()
        self.counters[counter] = self.counters.get(counter, Counts()).minus(back)

    def remember(self, digest: str, until: int) -> None:
        self._write()
        self._digests[digest] = until

    def remembered_until(self, digest: str, now: int) -> int | None:
        self._engine.hold(self._latencies.sample("record_read"))
        until = self._digests.get(digest, 0)
        return until if until > now else None

    def forget(self, digest: str) -> None:
        self._write()
        self._digests.pop(digest, None)

    def _write(self) -> None:
        self._meter.operations["limit"] += 1
        self._meter.operations["write_unit"] += 1
        self._engine.hold(self._latencies.sample("quota"))
