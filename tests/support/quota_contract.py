"""What every Quota adapter promises, as tests. A test module subclasses it with a fixture.

class TestMine(QuotaContract):
    @pytest.fixture
    def quota(self) -> Quota: ...
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from liveproof.ports import Quota, QuotaFull

NOW = 1_795_000_000_000


class QuotaContract:
    """The tests."""

    def test_the_first_slot_is_now_and_the_others_follow_at_the_rate(self, quota: Quota) -> None:
        assert [quota.reserve("reflect", 5, NOW) for _ in range(4)] == [
            NOW,
            NOW + 200,
            NOW + 400,
            NOW + 600,
        ]

    def test_a_rate_that_does_not_divide_a_second_is_never_exceeded(self, quota: Quota) -> None:
        slots = [quota.reserve("reflect", 3, NOW) for _ in range(4)]

        assert slots[3] - slots[0] >= 1000

    def test_a_slot_is_never_before_now(self, quota: Quota) -> None:
        quota.reserve("reflect", 5, NOW)

        assert quota.reserve("reflect", 5, NOW + 150) == NOW + 200
        assert quota.reserve("reflect", 5, NOW + 399) == NOW + 400

    def test_an_idle_limit_starts_again_at_now_without_saving_up_slots(self, quota: Quota) -> None:
        quota.reserve("reflect", 5, NOW)
        later = NOW + 3_600_000

        assert [quota.reserve("reflect", 5, later) for _ in range(2)] == [later, later + 200]

    def test_limits_do_not_meet(self, quota: Quota) -> None:
        quota.reserve("one", 1, NOW)

        assert quota.reserve("two", 1, NOW) == NOW

    @pytest.mark.parametrize("idle", [True, False])
    def test_sixteen_threads_get_slots_of_their_own(self, quota: Quota, idle: bool) -> None:
        if not idle:
            quota.reserve("reflect", 5, NOW)
        with ThreadPoolExecutor(16) as pool:
            slots = list(pool.map(lambda _: quota.reserve("reflect", 5, NOW), range(48)))

        first = NOW if idle else NOW + 200
        assert sorted(slots) == [first + 200 * number for number in range(48)]

    def test_a_slot_that_would_be_too_late_is_not_taken(self, quota: Quota) -> None:
        taken = [quota.reserve("reflect", 5, NOW, NOW + 400) for _ in range(3)]
        for _ in range(5):
            with pytest.raises(QuotaFull):
                quota.reserve("reflect", 5, NOW, NOW + 400)

        assert taken == [NOW, NOW + 200, NOW + 400]
        assert quota.reserve("reflect", 5, NOW) == NOW + 600
        assert quota.reserve("reflect", 5, NOW + 3_600_000, NOW + 3_600_000) == NOW + 3_600_000

    def test_threads_that_cannot_wait_share_the_slots_that_are_near(self, quota: Quota) -> None:
        def reserve(_: int) -> int | None:
            try:
                return quota.reserve("reflect", 5, NOW, NOW + 1000)
            except QuotaFull:
                return None

        with ThreadPoolExecutor(16) as pool:
            slots = list(pool.map(reserve, range(32)))

        assert sorted(slot for slot in slots if slot is not None) == [
            NOW + 200 * number for number in range(6)
        ]

    def test_who_had_to_be_done_before_now_gets_none(self, quota: Quota) -> None:
        with pytest.raises(QuotaFull):
            quota.reserve("reflect", 5, NOW, NOW - 1)

        assert quota.reserve("reflect", 5, NOW) == NOW
