"""Slots in time in SQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from liveproof.clouds.tencent.sql.quota import SqlQuota
from liveproof.quota import QuotaFull
from tests.support.breaker_contract import BreakerContract
from tests.support.quota_contract import NOW, QuotaContract, expected_slots
from tests.support.round_trips import noted
from tools.mariadb import ScratchDatabase


class TestQuota(QuotaContract, BreakerContract):
    """What every Quota adapter promises."""

    @pytest.fixture
    def quota(self, place: ScratchDatabase) -> Iterator[SqlQuota]:
        with closing(place.open()) as database:
            yield SqlQuota(database)

    @pytest.fixture
    def other(self, place: ScratchDatabase) -> Iterator[SqlQuota]:
        with closing(place.open()) as database:
            yield SqlQuota(database)


def test_a_row_of_an_older_version_is_a_limit_that_is_idle(place: ScratchDatabase) -> None:
    """Its slots, in milliseconds, were promised to runs that do not ask for them any more."""
    with closing(place.open()) as database:
        database.execute("INSERT INTO quota (name, next_at) VALUES (?, ?)", "reflect", NOW + 90_000)
        quota = SqlQuota(database)

        assert [quota.reserve("reflect", 5, NOW) for _ in range(2)] == expected_slots(2)


def test_a_reservation_is_one_update_and_three_statements_at_a_slower_pace(
    place: ScratchDatabase,
) -> None:
    with closing(place.open()) as database:
        quota = SqlQuota(database)
        quota.reserve("reflect", 5, NOW)
        with noted() as trips:
            quota.reserve("reflect", 5, NOW)
        assert [trip.what for trip in trips] == ["UPDATE quota"]

        quota.slow_down("reflect", NOW)
        with noted() as trips:
            quota.reserve("reflect", 5, NOW)
        assert [trip.what for trip in trips] == ["UPDATE quota", "SELECT quota", "UPDATE quota"]


@pytest.fixture
def containers(place: ScratchDatabase) -> Iterator[list[SqlQuota]]:
    """Adapters with a connection of their own each."""
    opened = [place.open() for _ in range(8)]
    yield [SqlQuota(database) for database in opened]
    for database in opened:
        database.close()


def test_containers_get_slots_of_their_own_from_the_very_first(
    containers: list[SqlQuota],
) -> None:
    barrier = threading.Barrier(8)

    def reserve(number: int) -> list[int]:
        barrier.wait()
        return [containers[number].reserve("reflect", 5, NOW) for _ in range(12)]

    with ThreadPoolExecutor(8) as pool:
        slots = [slot for some in pool.map(reserve, range(8)) for slot in some]

    assert sorted(slots) == expected_slots(96)


def test_containers_that_cannot_wait_share_the_slots_that_are_near(
    containers: list[SqlQuota],
) -> None:
    def reserve(number: int) -> int | None:
        try:
            return containers[number % 8].reserve("reflect", 5, NOW, NOW + 1100)
        except QuotaFull:
            return None

    with ThreadPoolExecutor(16) as pool:
        slots = list(pool.map(reserve, range(32)))

    assert sorted(slot for slot in slots if slot is not None) == expected_slots(5)
