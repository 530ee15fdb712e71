"""The distance of slots, and how deployments that share a vendor's limit come to share its pace."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter

import pytest

from liveproof.domain.pace import (
    FIRST_SLOWDOWN,
    PREPARED_MS,
    RECOVERY_PER_SECOND,
    SLOWEST,
    Distance,
    distance_of,
    pace,
    slot_ms,
    slot_width_us,
    slow_down,
)
from liveproof_emulator.api.rate_limits import RateLimiter
from tests.support.memory_quota import MemoryQuota

NOW = 1_795_000_000_000
LIMIT = 5


@pytest.mark.parametrize("ahead_ms", [300, 1_000, 60_000])
def test_slots_leave_30_ms_of_a_second_for_the_jitter(ahead_ms: int) -> None:
    assert slot_width_us(5, 0, NOW, ahead_ms) == 206_000
    assert slot_width_us(20, 0, NOW, ahead_ms) == 51_500
    assert slot_width_us(50, 0, NOW, ahead_ms) == 20_600
    assert slot_width_us(3, 0, NOW, ahead_ms) == 343_334


@pytest.mark.parametrize("ahead_ms", [0, 1, 299.999])
def test_slots_that_are_too_near_to_prepare_a_call_leave_400_ms(ahead_ms: float) -> None:
    assert slot_width_us(5, 0, NOW, ahead_ms) == 280_000
    assert slot_width_us(50, 0, NOW, ahead_ms) == 28_000


@pytest.mark.parametrize(
    ("next_us", "distance"),
    [
        (0, Distance.IDLE),
        (NOW * 1000 - 1, Distance.IDLE),
        (NOW * 1000, Distance.NEAR),
        ((NOW + 300) * 1000 - 1, Distance.NEAR),
        ((NOW + 300) * 1000, Distance.FAR),
        ((NOW + 60_000) * 1000, Distance.FAR),
    ],
)
def test_a_slot_is_far_from_300_ms_on(next_us: int, distance: Distance) -> None:
    assert distance_of(next_us, NOW) is distance


def test_a_slot_is_never_called_in_before_it() -> None:
    assert [slot_ms(slot) for slot in (5_000, 5_001, 5_999, 6_000)] == [5, 6, 6, 6]


def test_refusals_that_a_late_call_may_explain_leave_97_hundredths_and_others_85() -> None:
    full_at = slow_down(0, NOW)
    assert pace(full_at, NOW) == pytest.approx(0.97, abs=1e-5)
    assert slot_width_us(5, full_at, NOW, PREPARED_MS) == pytest.approx(206_000 / 0.97, abs=3)

    for refusals in (2, 3, 4):
        full_at = slow_down(full_at, NOW)
        assert pace(full_at, NOW) == pytest.approx(0.97**refusals, abs=1e-4)
    assert pace(slow_down(full_at, NOW), NOW) == pytest.approx(0.97**4 * 0.85, abs=1e-4)


def test_a_refusal_after_the_pace_has_recovered_is_a_single_one_again() -> None:
    full_at = slow_down(0, NOW)

    assert pace(slow_down(full_at, full_at), full_at) == pytest.approx(0.97, abs=1e-5)


def test_the_pace_comes_back_by_a_part_of_the_full_one_each_second() -> None:
    full_at = slow_down(0, NOW)

    assert pace(full_at, NOW + 1_000) == pytest.approx(
        FIRST_SLOWDOWN + RECOVERY_PER_SECOND, abs=1e-5
    )
    assert full_at == pytest.approx(NOW + 7_500, abs=1)
    assert pace(full_at, full_at) == pace(full_at, full_at + 1) == 1


def test_no_number_of_refusals_stops_the_calls() -> None:
    full_at = 0
    for second in range(100):
        full_at = slow_down(full_at, NOW + second * 1_000)

    assert pace(full_at, NOW + 99_000) == pytest.approx(SLOWEST, abs=1e-5)
    assert pace(full_at, NOW - 3_600_000) == SLOWEST


class SharedLimit:
    """Deployments that always have calls waiting, on one limiter of the vendor, in virtual time.

    Each takes a slot a second ahead. Its call leaves in the slot and arrives up to 20 ms later, so
    within 10 ms of the mean; its answer is there 100 ms after that.
    """

    def __init__(self, deployments: int, seed: int) -> None:
        self.quotas = [MemoryQuota() for _ in range(deployments)]
        self.admitted: Counter[int] = Counter()
        self.throttled: Counter[int] = Counter()
        self.last_at = 0.0
        self._chance = random.Random(seed)
        self._limiter = RateLimiter()

    def run(self, seconds: float = float("inf"), calls: float = float("inf")) -> None:
        """Let time pass until so many calls were admitted."""
        self.admitted.clear()
        self.throttled.clear()
        numbers = itertools.count()
        start = max([NOW, *(quota.next_at.get("name", 0) for quota in self.quotas)])
        events: list[tuple[float, int, str, int]] = []

        def at(time: float, what: str, deployment: int) -> None:
            heapq.heappush(events, (time, next(numbers), what, deployment))

        for deployment in range(len(self.quotas)):
            at(start + self._chance.uniform(0, 200), "slot", deployment)
        while self.admitted.total() < calls:
            now, _, what, deployment = heapq.heappop(events)
            if now > start + seconds * 1000:
                return
            if what == "slot":
                slot = self.quotas[deployment].reserve("name", LIMIT, int(now))
                at(slot + self._chance.uniform(0, 20), "arrival", deployment)
                at(max(now, slot - 1_000) + 1, "slot", deployment)
            elif what == "arrival":
                if self._limiter.admit(("action", "region", "key"), LIMIT, now / 1000):
                    self.admitted[deployment] += 1
                    self.last_at = now
                else:
                    self.throttled[deployment] += 1
                    at(now + 100, "refusal", deployment)
            else:
                self.quotas[deployment].slow_down("name", int(now))


@pytest.mark.parametrize("seed", range(5))
def test_one_deployment_alone_is_never_throttled_and_loses_three_hundredths(
    seed: int,
) -> None:
    limit = SharedLimit(1, seed)
    limit.run(calls=1_000)

    assert limit.throttled.total() == 0
    assert (limit.last_at - NOW) / 1000 <= 1.04 * 1_000 / LIMIT


@pytest.mark.parametrize("seed", range(5))
def test_two_deployments_come_to_share_a_limit_by_the_vendors_refusals_alone(seed: int) -> None:
    limit = SharedLimit(2, seed)
    limit.run(seconds=300)
    limit.run(seconds=1_200)

    rates = [limit.admitted[deployment] / 1_200 for deployment in range(2)]
    assert 0.84 * LIMIT <= sum(rates) <= LIMIT
    assert max(rates) / min(rates) <= 1.6
    refused = limit.throttled.total() / (limit.throttled.total() + limit.admitted.total())
    assert refused <= 0.03


def test_a_deployment_that_comes_later_gets_its_share() -> None:
    limit = SharedLimit(2, 1)
    for _ in range(20):
        limit.quotas[1].slow_down("name", NOW)
    limit.quotas[1].full_at["name"] = NOW + round((1 - SLOWEST) / RECOVERY_PER_SECOND * 1000)
    limit.run(seconds=600)
    limit.run(seconds=600)

    assert limit.admitted[1] / limit.admitted.total() >= 0.35


def test_what_the_others_leave_is_taken_again() -> None:
    limit = SharedLimit(2, 1)
    limit.run(seconds=300)
    left = SharedLimit(1, 1)
    left.quotas = limit.quotas[:1]
    left.run(seconds=200)
    left.run(seconds=200)

    assert left.admitted.total() / 200 >= 0.97 * LIMIT
    assert left.throttled.total() == 0
