"""The Quota port in memory, with the promises that `liveproof.quota` makes."""

from __future__ import annotations

import math
from collections import defaultdict

from liveproof.domain.breaker import PROBE_MS, Breaker, after_failure
from liveproof.domain.pace import SLOWDOWN_INTERVAL_MS, slot_width_us, slow_down
from liveproof.quota import QuotaFull, VendorDown
from tests.support.crash_points import CrashPoints


class MemoryQuota:
    """Slots in one row per name.

    Attributes:
        next_at: the first free slot of each name, in ms and parts of them.
        full_at: when each name's pace is the full one again.
        breakers: the breaker of each name.
        reserved: the slots given so far.
        slowed: the names whose pace was slowed down, one for each time that was asked for.
    """

    def __init__(self, crash_points: CrashPoints | None = None) -> None:
        self._crash_points = crash_points or CrashPoints()
        self.next_at: dict[str, float] = {}
        self.full_at: dict[str, int] = {}
        self.breakers: defaultdict[str, Breaker] = defaultdict(Breaker)
        self.reserved: defaultdict[str, list[int]] = defaultdict(list)
        self.slowed: list[str] = []
        self._slowed_at: dict[str, int] = {}
        self._probes: dict[str, int] = {}

    def reserve(self, name: str, per_second: float, now: int, latest: int | None = None) -> int:
        with self._crash_points.around("quota.reserve"):
            if not self._probe(name, now):
                raise VendorDown(name)
            slot = max(now, self.next_at.get(name, 0))
            if latest is not None and slot > latest:
                raise QuotaFull(name, math.ceil(slot))
            width = slot_width_us(per_second, self.full_at.get(name, 0), now, slot - now)
            self.next_at[name] = slot + width / 1000
            self.breakers[name] = self.breakers[name]._replace(taken=self.breakers[name].taken + 1)
            self.reserved[name].append(math.ceil(slot))
            return math.ceil(slot)

    def slow_down(self, name: str, now: int) -> None:
        with self._crash_points.around("quota.slow_down"):
            self.slowed.append(name)
            if now - self._slowed_at.get(name, 0) >= SLOWDOWN_INTERVAL_MS:
                self._slowed_at[name] = now
                self.full_at[name] = slow_down(self.full_at.get(name, 0), now)

    def probe(self, name: str, now: int) -> bool:
        with self._crash_points.around("quota.probe"):
            return self._probe(name, now)

    def record_failure(self, name: str, now: int) -> bool:
        with self._crash_points.around("quota.record_failure"):
            row = self.breakers[name]
            before = row._replace(failures=row.failures + 1)
            is_probe = self._probes.pop(name, None) == before.open_until
            after = self.breakers[name] = after_failure(before, now, is_probe=is_probe)
            return before.open_until == 0 and after.open_until > 0

    def record_success(self, name: str) -> bool:
        with self._crash_points.around("quota.record_success"):
            probe = self._probes.pop(name, None)
            if probe is None or self.breakers[name].open_until != probe:
                return False
            self.breakers[name] = self.breakers[name]._replace(open_until=0, window_at=0)
            return True

    def give_back_probe(self, name: str, now: int) -> bool:
        if name not in self._probes:
            return False
        with self._crash_points.around("quota.give_back_probe"):
            probe = self._probes.pop(name)
            if self.breakers[name].open_until != probe:
                return False
            self.breakers[name] = self.breakers[name]._replace(open_until=now)
            return True

    def _probe(self, name: str, now: int) -> bool:
        row = self.breakers[name]
        if 0 < row.open_until <= now:
            self._probes[name] = now + PROBE_MS
            self.breakers[name] = row._replace(open_until=now + PROBE_MS)
            return True
        return row.open_until in (0, self._probes.get(name))
