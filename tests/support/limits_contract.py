"""What every Limits adapter promises, as tests. A test module subclasses it with a fixture.

class TestMine(LimitsContract):
    @pytest.fixture
    def limits(self) -> Limits: ...

    @pytest.fixture
    def other(self) -> Limits:  # the same store, as another function has it
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from liveproof.domain.limits import Counts, Limit, LimitReached, Most
from liveproof.limits import Limits

NOW = 1_795_000_000_000
UNTIL = NOW + 86_400_000
COUNTER = "c" * 64
DIGEST = "d" * 64
ONE = Counts(1, 1, 250_000)


class LimitsContract:
    """The tests."""

    def test_a_counter_adds_up_for_all_functions(self, limits: Limits, other: Limits) -> None:
        assert limits.take(COUNTER, ONE, Most(), UNTIL) == ONE
        assert other.take(COUNTER, ONE, Most(), UNTIL) == Counts(2, 2, 500_000)
        assert limits.take("b" * 64, ONE, Most(), UNTIL) == ONE

    def test_what_a_counter_has_counted_can_be_read(self, limits: Limits, other: Limits) -> None:
        assert limits.counts(COUNTER) == Counts()

        limits.take(COUNTER, ONE, Most(), UNTIL)

        assert other.counts(COUNTER) == ONE

    @pytest.mark.parametrize(
        ("most", "limit"),
        [
            (Most(attempts=2), Limit.ATTEMPTS),
            (Most(open=2), Limit.OPEN),
            (Most(spend=500_000), Limit.SPEND),
            (Most(9, 2, 500_000), Limit.OPEN),
        ],
    )
    def test_an_attempt_over_a_limit_is_not_counted(
        self, limits: Limits, most: Most, limit: Limit
    ) -> None:
        for _ in range(2):
            limits.take(COUNTER, ONE, most, UNTIL)
        for _ in range(2):
            with pytest.raises(LimitReached) as refused:
                limits.take(COUNTER, ONE, most, UNTIL)
            assert refused.value.limit is limit
        assert limits.take(COUNTER, Counts(), Most(), UNTIL) == Counts(2, 2, 500_000)

    def test_more_than_a_limit_allows_at_all_is_refused_at_once(self, limits: Limits) -> None:
        with pytest.raises(LimitReached):
            limits.take(COUNTER, ONE, Most(spend=249_999), UNTIL)

    def test_a_returned_amount_can_be_taken_again(self, limits: Limits, other: Limits) -> None:
        most = Most(spend=250_000)
        limits.take(COUNTER, ONE, most, UNTIL)
        other.give_back(COUNTER, Counts(open=1, spend=100_000))
        assert limits.take(COUNTER, Counts(spend=100_000), most, UNTIL) == Counts(1, 0, 250_000)

    def test_more_may_be_spent_than_was_reserved(self, limits: Limits) -> None:
        limits.take(COUNTER, ONE, Most(), UNTIL)
        limits.give_back(COUNTER, Counts(spend=-250_000))
        assert limits.take(COUNTER, Counts(), Most(), UNTIL).spend == 500_000

    def test_nothing_is_given_back_to_a_counter_that_is_gone(self, limits: Limits) -> None:
        limits.give_back(COUNTER, ONE)
        assert limits.take(COUNTER, Counts(), Most(), UNTIL) == Counts()

    def test_of_many_at_the_same_time_none_passes_the_limit(
        self, limits: Limits, other: Limits
    ) -> None:
        def take(number: int) -> bool:
            try:
                (limits if number % 2 else other).take(COUNTER, ONE, Most(open=5), UNTIL)
            except LimitReached:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(take, range(16))) == 5
        assert limits.take(COUNTER, Counts(), Most(), UNTIL).open == 5

    def test_a_digest_is_remembered_until_its_time(self, limits: Limits, other: Limits) -> None:
        assert limits.remembered_until(DIGEST, NOW) is None
        limits.remember(DIGEST, UNTIL)
        assert other.remembered_until(DIGEST, NOW) == UNTIL
        limits.remember(DIGEST, UNTIL + 5)
        assert other.remembered_until(DIGEST, UNTIL) == UNTIL + 5
        assert other.remembered_until(DIGEST, UNTIL + 5) is None

    def test_a_digest_can_be_forgotten(self, limits: Limits) -> None:
        limits.forget(DIGEST)
        limits.remember(DIGEST, UNTIL)
        limits.forget(DIGEST)
        assert limits.remembered_until(DIGEST, NOW) is None
