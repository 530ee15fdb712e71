"""Slots in time in SQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from liveproof.clouds.tencent.quota import SqlQuota
from liveproof.ports import QuotaFull
from tests.support.mariadb import Place

NOW = 1_795_000_000_000


@pytest.fixture
def quota(place: Place) -> Iterator[SqlQuota]:
    with closing(place.open()) as database:
        yield SqlQuota(database)


@pytest.fixture
def containers(place: Place) -> Iterator[list[SqlQuota]]:
    """Adapters with a connection of their own each."""
    opened = [place.open() for _ in range(8)]
    yield [SqlQuota(each) for each in opened]
    for each in opened:
        each.close()


def test_the_first_slot_is_now_and_the_others_follow_at_the_rate(quota: SqlQuota) -> None:
    assert [quota.reserve("reflect", 5, NOW) for _ in range(4)] == [
        NOW,
        NOW + 200,
        NOW + 400,
        NOW + 600,
    ]


def test_a_rate_that_does_not_divide_a_second_is_never_exceeded(quota: SqlQuota) -> None:
    slots = [quota.reserve("reflect", 3, NOW) for _ in range(4)]

    assert slots[3] - slots[0] >= 1000


def test_a_slot_is_never_before_now(quota: SqlQuota) -> None:
    quota.reserve("reflect", 5, NOW)

    assert quota.reserve("reflect", 5, NOW + 150) == NOW + 200
    assert quota.reserve("reflect", 5, NOW + 399) == NOW + 400


def test_an_idle_limit_starts_again_at_now_without_saving_up_slots(quota: SqlQuota) -> None:
    quota.reserve("reflect", 5, NOW)
    later = NOW + 3_600_000

    assert [quota.reserve("reflect", 5, later) for _ in range(2)] == [later, later + 200]


def test_limits_do_not_meet(quota: SqlQuota) -> None:
    quota.reserve("one", 1, NOW)

    assert quota.reserve("two", 1, NOW) == NOW


@pytest.mark.parametrize("idle", [True, False])
def test_sixteen_threads_get_slots_of_their_own(quota: SqlQuota, idle: bool) -> None:
    if not idle:
        quota.reserve("reflect", 5, NOW)
    with ThreadPoolExecutor(16) as pool:
        slots = list(pool.map(lambda _: quota.reserve("reflect", 5, NOW), range(48)))

    first = NOW if idle else NOW + 200
    assert sorted(slots) == [first + 200 * number for number in range(48)]


def test_containers_get_slots_of_their_own_from_the_very_first(
    containers: list[SqlQuota],
) -> None:
    barrier = threading.Barrier(8)

    def reserve(number: int) -> list[int]:
        barrier.wait()
        return [containers[number].reserve("reflect", 5, NOW) for _ in range(12)]

    with ThreadPoolExecutor(8) as pool:
        slots = [slot for some in pool.map(reserve, range(8)) for slot in some]

    assert sorted(slots) == [NOW + 200 * number for number in range(96)]


def test_a_slot_that_would_be_too_late_is_not_taken(quota: SqlQuota) -> None:
    taken = [quota.reserve("reflect", 5, NOW, NOW + 400) for _ in range(3)]
    for _ in range(5):
        with pytest.raises(QuotaFull):
            quota.reserve("reflect", 5, NOW, NOW + 400)

    assert taken == [NOW, NOW + 200, NOW + 400]
    assert quota.reserve("reflect", 5, NOW) == NOW + 600
    assert quota.reserve("reflect", 5, NOW + 3_600_000, NOW + 3_600_000) == NOW + 3_600_000


def test_who_had_to_be_done_before_now_gets_none(quota: SqlQuota) -> None:
    with pytest.raises(QuotaFull):
        quota.reserve("reflect", 5, NOW, NOW - 1)

    assert quota.reserve("reflect", 5, NOW) == NOW


def test_containers_that_cannot_wait_share_the_slots_that_are_near(
    containers: list[SqlQuota],
) -> None:
    def reserve(number: int) -> int | None:
        try:
            return containers[number % 8].reserve("reflect", 5, NOW, NOW + 1000)
        except QuotaFull:
            return None

    with ThreadPoolExecutor(16) as pool:
        slots = list(pool.map(reserve, range(32)))

    assert sorted(slot for slot in slots if slot is not None) == [
        NOW + 200 * number for number in range(6)
    ]
