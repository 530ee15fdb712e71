"""The Quota port in memory: one row per limit, as both clouds keep it."""

from __future__ import annotations

import math

from liveproof.ports import QuotaFull
from simulator.engine import Engine
from simulator.latency import Latencies
from simulator.meter import Meter


class SimulatedQuota:
    """Slots in one row per name."""

    def __init__(self, engine: Engine, latencies: Latencies, meter: Meter) -> None:
        self._engine, self._latencies, self._meter = engine, latencies, meter
        self._next_at: dict[str, int] = {}

    def reserve(self, name: str, per_second: float, now: int, latest: int | None = None) -> int:
        self._meter.operations["quota"] += 1
        self._engine.hold(self._latencies.sample("quota"))
        slot = max(now, self._next_at.get(name, 0))
        if latest is not None and slot > latest:
            raise QuotaFull(name)
        if self._next_at.get(name, 0) < now:
            # DynamoDB's first update assumes a line, fails, and costs a unit all the same.
            self._meter.operations["quota_idle"] += 1
        self._next_at[name] = slot + math.ceil(1000 / per_second)
        return slot
