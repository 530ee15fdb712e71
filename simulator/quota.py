"""The Quota port in memory: one row per limit, as both clouds keep it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from greenlet import getcurrent

from liveproof.domain.breaker import PROBE_MS, Breaker, after_failure
from liveproof.domain.pace import (
    SLOWDOWN_INTERVAL_MS,
    Distance,
    distance_of,
    slot_ms,
    slot_width_us,
    slow_down,
)
from liveproof.quota import QuotaFull, VendorDown
from simulator.engine import Engine
from simulator.latency import Latencies
from simulator.meter import Meter


@dataclass
class Row:
    """What the store keeps of a limit.

    Attributes:
        distance: of the slot that was reserved last.
    """

    next_us: int = 0
    distance: Distance = Distance.IDLE
    full_at: int = 0
    slowed_at: int = 0
    breaker: Breaker = field(default_factory=Breaker)


class SimulatedQuota:
    """Slots in one row per name.

    Args:
        function: who calls: the function whose probe of a vendor it may be.
        rows: of another function's port; None for the first.
    """

    def __init__(
        self,
        engine: Engine,
        latencies: Latencies,
        meter: Meter,
        function: Callable[[], Hashable] = getcurrent,
        rows: defaultdict[str, Row] | None = None,
    ) -> None:
        self._engine, self._latencies, self._meter = engine, latencies, meter
        self._function = function
        self.rows = defaultdict(Row) if rows is None else rows
        self._probes: dict[tuple[str, Hashable], int] = {}

    def reserve(self, name: str, per_second: float, now: int, latest: int | None = None) -> int:
        row = self._row(name)
        if not self._probe(name, now):
            raise VendorDown(name)
        slot_us = max(now * 1000, row.next_us)
        if latest is not None and slot_us > latest * 1000:
            raise QuotaFull(name, slot_ms(slot_us))
        distance = distance_of(row.next_us, now)
        if distance is not row.distance:
            # DynamoDB's first update assumes the distance of the slot before, fails, and costs a
            # unit all the same.
            self._meter.operations["quota_refused"] += 1
        row.distance = distance
        row.next_us = slot_us + slot_width_us(per_second, row.full_at, now, slot_us / 1000 - now)
        row.breaker = row.breaker._replace(taken=row.breaker.taken + 1)
        return slot_ms(slot_us)

    def slow_down(self, name: str, now: int) -> None:
        row = self._row(name)
        if now - row.slowed_at >= SLOWDOWN_INTERVAL_MS:
            row.slowed_at = now
            row.full_at = slow_down(row.full_at, now)

    def probe(self, name: str, now: int) -> bool:
        self._row(name)
        return self._probe(name, now)

    def record_failure(self, name: str, now: int) -> bool:
        row = self._row(name)
        before = row.breaker._replace(failures=row.breaker.failures + 1)
        is_probe = self._probes.pop((name, self._function()), None) == before.open_until
        row.breaker = after_failure(before, now, is_probe=is_probe)
        return before.open_until == 0 and row.breaker.open_until > 0

    def record_success(self, name: str) -> bool:
        probe = self._probes.pop((name, self._function()), None)
        if probe is None or self.rows[name].breaker.open_until != probe:
            return False
        row = self._row(name)
        row.breaker = row.breaker._replace(open_until=0, window_at=0)
        return True

    def give_back_probe(self, name: str, now: int) -> bool:
        probe = self._probes.pop((name, self._function()), None)
        if probe is None or self.rows[name].breaker.open_until != probe:
            return False
        row = self._row(name)
        row.breaker = row.breaker._replace(open_until=now)
        return True

    def _row(self, name: str) -> Row:
        self._meter.operations["quota"] += 1
        self._engine.hold(self._latencies.sample("quota"))
        return self.rows[name]

    def _probe(self, name: str, now: int) -> bool:
        """Whether the vendor is called: it is up, or this function's call is the probe."""
        row, key = self.rows[name], (name, self._function())
        if 0 < row.breaker.open_until <= now:
            self._probes[key] = now + PROBE_MS
            row.breaker = row.breaker._replace(open_until=now + PROBE_MS)
            return True
        return row.breaker.open_until in (0, self._probes.get(key))
