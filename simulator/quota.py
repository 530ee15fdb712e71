"""The Quota port in memory: one row per limit, as both clouds keep it."""

from __future__ import annotations

from liveproof.domain.pace import SLOWDOWN_INTERVAL_MS, slot_ms, slot_width_us, slow_down
from liveproof.quota import QuotaFull
from simulator.engine import Engine
from simulator.latency import Latencies
from simulator.meter import Meter


class SimulatedQuota:
    """Slots in one row per name. There is no breaker: a vendor in the simulator is never down."""

    def __init__(self, engine: Engine, latencies: Latencies, meter: Meter) -> None:
        self._engine, self._latencies, self._meter = engine, latencies, meter
        self._next_us: dict[str, int] = {}
        self._full_at: dict[str, int] = {}
        self._slowed_at: dict[str, int] = {}

    def reserve(self, name: str, per_second: float, now: int, latest: int | None = None) -> int:
        self._meter.operations["quota"] += 1
        self._engine.hold(self._latencies.sample("quota"))
        slot_us = max(now * 1000, self._next_us.get(name, 0))
        if latest is not None and slot_us > latest * 1000:
            raise QuotaFull(name, slot_ms(slot_us))
        if self._next_us.get(name, 0) < now * 1000:
            # DynamoDB's first update assumes a line, fails, and costs a unit all the same.
            self._meter.operations["quota_idle"] += 1
        self._next_us[name] = slot_us + slot_width_us(per_second, self._full_at.get(name, 0), now)
        return slot_ms(slot_us)

    def slow_down(self, name: str, now: int) -> None:
        self._meter.operations["quota"] += 1
        self._engine.hold(self._latencies.sample("quota"))
        if now - self._slowed_at.get(name, 0) >= SLOWDOWN_INTERVAL_MS:
            self._slowed_at[name] = now
            self._full_at[name] = slow_down(self._full_at.get(name, 0), now)

    def probe(self, name: str, now: int) -> bool:
        return True

    def record_failure(self, name: str, now: int) -> bool:
        return False

    def record_success(self, name: str) -> bool:
        return False
