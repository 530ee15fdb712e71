"""What every Quota adapter promises, as tests. A test module subclasses it with a fixture.

class TestMine(QuotaContract):
    @pytest.fixture
    def quota(self) -> Quota: ...

    @pytest.fixture
    def other(self) -> Quota:  # the same store, as another function has it
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from liveproof.domain.pace import PREPARED_MS, slot_ms, slot_width_us, slow_down
from liveproof.quota import Quota, QuotaFull

NOW = 1_795_000_000_000
NEAR, FAR = 280, 206
"""Milliseconds from slot to slot at five a second: from one that is near, and from one that leaves
a call time to prepare itself."""


def expected_slots(
    count: int,
    first: float = NOW,
    *,
    now: int = NOW,
    rate: float = 5,
    full_at: int = 0,
) -> list[int]:
    """So many slots that are reserved at `now`, the first free one at `first` (ms)."""
    slots, next_us = [], first * 1000
    for _ in range(count):
        slots.append(slot_ms(round(next_us)))
        next_us += slot_width_us(rate, full_at, now, next_us / 1000 - now)
    return slots


class QuotaContract:
    """The tests."""

    def test_the_first_slot_is_now_and_the_others_follow_at_the_rate(self, quota: Quota) -> None:
        slots = [quota.reserve("reflect", 5, NOW) for _ in range(4)]

        assert slots == [NOW, NOW + NEAR, NOW + 2 * NEAR, NOW + 2 * NEAR + FAR]

    def test_a_slot_just_far_enough_to_prepare_for_is_followed_by_a_closer_one(
        self, quota: Quota
    ) -> None:
        slots = [quota.reserve("reflect", 14, NOW) for _ in range(5)]

        far = NOW + PREPARED_MS
        assert slots == [NOW, NOW + 100, NOW + 200, far, far + 74]

    @pytest.mark.parametrize("rate", [3, 20, 50, 333, 0.7])
    def test_a_rate_is_never_exceeded_and_no_part_of_a_millisecond_is_lost(
        self, quota: Quota, rate: float
    ) -> None:
        slots = [quota.reserve("photo", rate, NOW) for _ in range(150)]

        assert slots == expected_slots(150, rate=rate)
        far = [slot for slot in slots if slot >= NOW + PREPARED_MS]
        best = 1030 * (len(far) - 1)
        assert best - rate <= (far[-1] - far[0]) * rate <= 1.0001 * best + rate

    def test_a_slot_is_never_before_now(self, quota: Quota) -> None:
        quota.reserve("reflect", 5, NOW)

        assert quota.reserve("reflect", 5, NOW + 150) == NOW + NEAR
        assert quota.reserve("reflect", 5, NOW + 2 * NEAR - 1) == NOW + 2 * NEAR

    def test_an_idle_limit_starts_again_at_now_without_saving_up_slots(self, quota: Quota) -> None:
        quota.reserve("reflect", 5, NOW)
        later = NOW + 3_600_000

        assert [quota.reserve("reflect", 5, later) for _ in range(2)] == [later, later + NEAR]

    def test_limits_do_not_meet(self, quota: Quota) -> None:
        quota.reserve("one", 1, NOW)

        assert quota.reserve("two", 1, NOW) == NOW

    @pytest.mark.parametrize("idle", [True, False])
    def test_sixteen_threads_get_slots_of_their_own(self, quota: Quota, idle: bool) -> None:
        if not idle:
            quota.reserve("reflect", 5, NOW)
        with ThreadPoolExecutor(16) as pool:
            slots = list(pool.map(lambda _: quota.reserve("reflect", 5, NOW), range(48)))

        assert sorted(slots) == expected_slots(48, NOW if idle else NOW + NEAR)

    def test_a_slot_that_would_be_too_late_is_not_taken(self, quota: Quota) -> None:
        latest = NOW + 2 * NEAR
        taken = [quota.reserve("reflect", 5, NOW, latest) for _ in range(3)]
        for _ in range(5):
            with pytest.raises(QuotaFull) as full:
                quota.reserve("reflect", 5, NOW, latest)
            assert full.value.free_at == latest + FAR

        assert taken == expected_slots(3)
        assert quota.reserve("reflect", 5, NOW) == latest + FAR
        assert quota.reserve("reflect", 5, NOW + 3_600_000, NOW + 3_600_000) == NOW + 3_600_000

    def test_threads_that_cannot_wait_share_the_slots_that_are_near(self, quota: Quota) -> None:
        def reserve(_: int) -> int | None:
            try:
                return quota.reserve("reflect", 5, NOW, NOW + 1100)
            except QuotaFull:
                return None

        with ThreadPoolExecutor(16) as pool:
            slots = list(pool.map(reserve, range(32)))

        assert sorted(slot for slot in slots if slot is not None) == expected_slots(5)
        assert expected_slots(6)[-1] > NOW + 1100

    def test_a_call_whose_deadline_has_passed_gets_no_slot(self, quota: Quota) -> None:
        with pytest.raises(QuotaFull):
            quota.reserve("reflect", 5, NOW, NOW - 1)

        assert quota.reserve("reflect", 5, NOW) == NOW

    def test_a_refusal_of_the_vendor_moves_the_slots_apart(
        self, quota: Quota, other: Quota
    ) -> None:
        quota.reserve("reflect", 5, NOW)
        quota.slow_down("reflect", NOW)

        slots = [function.reserve("reflect", 5, NOW) for function in (quota, other, quota, other)]
        assert slots == expected_slots(4, NOW + NEAR, full_at=slow_down(0, NOW))
        assert slots[3] - slots[2] == pytest.approx(FAR / 0.97, abs=1)

    def test_refusals_within_a_second_count_as_one(self, quota: Quota, other: Quota) -> None:
        quota.reserve("reflect", 5, NOW)
        for milliseconds in (0, 1, 500, 999):
            quota.slow_down("reflect", NOW + milliseconds)
            other.slow_down("reflect", NOW + milliseconds)
        once = slow_down(0, NOW)
        self.require_width(quota, other, once, NOW + 999)

        other.slow_down("reflect", NOW + 1000)
        self.require_width(other, quota, slow_down(once, NOW + 1000), NOW + 1000)

    def test_a_refusal_some_seconds_after_that_of_another_function_counts(
        self, quota: Quota, other: Quota
    ) -> None:
        quota.reserve("reflect", 5, NOW)
        quota.slow_down("reflect", NOW)
        later = NOW + 5_000

        other.slow_down("reflect", later)

        self.require_width(quota, other, slow_down(slow_down(0, NOW), later), later)

    def test_the_pace_recovers_with_time(self, quota: Quota, other: Quota) -> None:
        quota.reserve("reflect", 5, NOW)
        quota.slow_down("reflect", NOW)
        full_at = slow_down(0, NOW)

        for now in (NOW + 5_000, full_at - 5_000, full_at, full_at + 5_000):
            self.require_width(quota, other, full_at, now)
        assert slot_width_us(5, full_at, full_at, PREPARED_MS) == FAR * 1000

    def test_the_pace_of_another_limit_stays(self, quota: Quota) -> None:
        quota.slow_down("reflect", NOW)

        assert [quota.reserve("video", 5, NOW) for _ in range(3)] == expected_slots(3)

    def test_a_slower_line_is_full_sooner(self, quota: Quota, other: Quota) -> None:
        quota.reserve("reflect", 5, NOW)
        quota.slow_down("reflect", NOW)
        other.reserve("reflect", 5, NOW, NOW + 2 * NEAR)

        with pytest.raises(QuotaFull):
            other.reserve("reflect", 5, NOW, NOW + 2 * NEAR)

    def require_width(self, quota: Quota, other: Quota, full_at: int, now: int) -> None:
        """Both keep the distance of a pace that is full at `full_at`, to a millisecond."""
        slots = [function.reserve("reflect", 5, now) for function in (quota, other, quota, other)]
        assert slots == pytest.approx(expected_slots(4, slots[0], now=now, full_at=full_at), abs=1)
