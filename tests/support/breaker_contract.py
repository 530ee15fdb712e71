"""When a vendor counts as down: a contract of every Quota adapter that a cloud has."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from liveproof.domain.breaker import LEAST_OUTCOMES, PAUSE_MS, PROBE_MS
from liveproof.quota import Quota, VendorDown
from tests.support.quota_contract import NEAR, NOW


class BreakerContract:
    """What every store promises of the breaker. `quota` and `other` are of two functions."""

    def break_down(self, quota: Quota, count: int = LEAST_OUTCOMES) -> list[bool]:
        """A number of requests that the vendor does not answer, at NOW."""
        for _ in range(count):
            quota.reserve("reflect", 5, NOW)
        return [quota.record_failure("reflect", NOW) for _ in range(count)]

    def test_a_vendor_that_answers_nothing_is_down_for_everybody(
        self, quota: Quota, other: Quota
    ) -> None:
        assert self.break_down(quota) == [False] * (LEAST_OUTCOMES - 1) + [True]

        for store in (quota, other):
            with pytest.raises(VendorDown):
                store.reserve("reflect", 5, NOW + PAUSE_MS - 1)
            assert not store.probe("reflect", NOW + PAUSE_MS - 1)
        assert quota.reserve("video", 5, NOW) == NOW

    def test_a_failure_of_a_limit_that_nobody_reserved_opens_nothing(self, quota: Quota) -> None:
        assert not quota.record_failure("reflect", NOW)
        assert quota.reserve("reflect", 5, NOW) == NOW

    def test_a_share_of_failures_below_a_half_changes_nothing(self, quota: Quota) -> None:
        for _ in range(41):
            quota.reserve("reflect", 5, NOW)
            quota.reserve("reflect", 5, NOW)
            quota.reserve("reflect", 5, NOW)
            assert not quota.record_failure("reflect", NOW)
            assert not quota.record_success("reflect")
        assert quota.probe("reflect", NOW)

    def test_a_vendor_that_leaves_every_second_request_unanswered_is_down(
        self, quota: Quota
    ) -> None:
        opened = []
        for _ in range(6):
            quota.reserve("reflect", 5, NOW)
            quota.reserve("reflect", 5, NOW)
            opened.append(quota.record_failure("reflect", NOW))

        assert opened == [False] * 5 + [True]

    @pytest.mark.parametrize("at", ["reserve", "probe"])
    def test_one_function_wins_the_probe_and_its_success_closes_the_breaker(
        self, quota: Quota, other: Quota, at: str
    ) -> None:
        self.break_down(quota)
        now = NOW + PAUSE_MS
        if at == "probe":
            assert quota.probe("reflect", now)
        assert quota.reserve("reflect", 5, now) == now
        assert not other.probe("reflect", now + 1)
        with pytest.raises(VendorDown):
            other.reserve("reflect", 5, now + PROBE_MS - 1)

        assert not other.record_success("reflect")
        assert quota.record_success("reflect")
        assert other.probe("reflect", now + 2)
        assert other.reserve("reflect", 5, now + 1) == now + NEAR

    def test_a_probe_that_fails_opens_the_breaker_again(self, quota: Quota, other: Quota) -> None:
        self.break_down(quota)
        now = NOW + PAUSE_MS
        assert other.probe("reflect", now)
        assert not other.record_failure("reflect", now + 500)

        assert not quota.probe("reflect", now + 500 + PAUSE_MS - 1)
        assert quota.probe("reflect", now + 500 + PAUSE_MS)

    def test_a_probe_that_never_ends_is_followed_by_another(
        self, quota: Quota, other: Quota
    ) -> None:
        self.break_down(quota)
        assert quota.probe("reflect", NOW + PAUSE_MS)

        assert other.probe("reflect", NOW + PAUSE_MS + PROBE_MS)
        assert not quota.record_success("reflect")
        with pytest.raises(VendorDown):
            quota.reserve("reflect", 5, NOW + PAUSE_MS + PROBE_MS)

    def test_who_had_a_probe_reserves_again_when_anothers_has_closed_the_breaker(
        self, quota: Quota, other: Quota
    ) -> None:
        self.break_down(quota)
        later = NOW + PAUSE_MS + PROBE_MS
        assert quota.probe("reflect", NOW + PAUSE_MS)
        assert other.probe("reflect", later)
        assert other.record_success("reflect")

        assert quota.reserve("reflect", 5, later) == later

    def test_a_probe_that_is_given_back_is_anothers_at_once(
        self, quota: Quota, other: Quota
    ) -> None:
        self.break_down(quota)
        now = NOW + PAUSE_MS
        assert quota.probe("reflect", now)
        assert not other.give_back_probe("reflect", now + 1)
        assert not other.probe("reflect", now + 1)

        assert quota.give_back_probe("reflect", now + 2)

        assert other.probe("reflect", now + 2)
        assert not quota.probe("reflect", now + 3)
        assert not quota.give_back_probe("reflect", now + 3)
        assert other.record_success("reflect")

    def test_a_probe_that_ended_is_not_given_back(self, quota: Quota, other: Quota) -> None:
        self.break_down(quota)
        assert quota.probe("reflect", NOW + PAUSE_MS)
        assert other.probe("reflect", NOW + PAUSE_MS + PROBE_MS)

        assert not quota.give_back_probe("reflect", NOW + PAUSE_MS + PROBE_MS)
        assert not quota.probe("reflect", NOW + PAUSE_MS + PROBE_MS + 1)

    @pytest.mark.parametrize("answered", [True, False])
    def test_a_probe_that_was_used_is_not_given_back(
        self, quota: Quota, other: Quota, answered: bool
    ) -> None:
        self.break_down(quota)
        assert quota.probe("reflect", NOW + PAUSE_MS)
        if answered:
            assert quota.record_success("reflect")
        else:
            quota.record_failure("reflect", NOW + PAUSE_MS)

        assert not quota.give_back_probe("reflect", NOW + PAUSE_MS)
        assert other.probe("reflect", NOW + PAUSE_MS) is answered

    def test_a_failure_of_an_earlier_request_does_not_start_a_second_probe(
        self, quota: Quota, other: Quota
    ) -> None:
        self.break_down(quota)
        assert quota.probe("reflect", NOW + PAUSE_MS)
        other.record_failure("reflect", NOW + PAUSE_MS + 1)

        assert not other.probe("reflect", NOW + 3 * PAUSE_MS)
        assert quota.record_success("reflect")

    def test_after_it_was_down_the_vendor_is_judged_anew(self, quota: Quota) -> None:
        self.break_down(quota)
        assert quota.probe("reflect", NOW + PAUSE_MS)
        assert quota.record_success("reflect")

        assert self.break_down(quota) == [False] * (LEAST_OUTCOMES - 1) + [True]

    def test_threads_that_ask_at_once_share_one_probe(self, quota: Quota, other: Quota) -> None:
        self.break_down(quota)
        with ThreadPoolExecutor(2) as pool:
            won = list(
                pool.map(lambda store: store.probe("reflect", NOW + PAUSE_MS), (quota, other))
            )

        assert sorted(won) == [False, True]
