"""Permits in memory: as many as there are, and clients in turn."""

from __future__ import annotations

from typing import cast

import pytest

from liveproof.clouds.tencent.sql.admission import CALL_MS, Limit
from liveproof.domain.verification import Verification
from simulator.admission import SimulatedAdmission
from simulator.engine import Engine
from simulator.latency import Latencies
from simulator.meter import Meter
from simulator.store import SimulatedRecords
from tests.support.verifications import NOW, numbered

LEASE = NOW + 60_000


class Timeless:
    """An engine on which nothing takes time."""

    now = 0

    def hold(self, milliseconds: float) -> None:
        return


class Ground:
    """Two permits of `reflect`, and records of those that ask for one."""

    def __init__(self) -> None:
        timeless, meter = cast(Engine, Timeless()), Meter()
        latencies = Latencies("tencent", 1)
        self.records = SimulatedRecords(timeless, latencies, meter, lambda _: None)
        limits = {"reflect": Limit(2, 5.0)}
        self.admission = SimulatedAdmission(timeless, latencies, meter, self.records, limits)

    def arrive(self, number: int, client: str = "shop") -> Verification:
        return self.records.save(numbered(number, client=client, due_at=NOW))

    def enter(self, verification: Verification, now: int = NOW, until: int = LEASE) -> bool:
        return self.admission.enter(verification, now, until)

    def called(self, now: int = NOW) -> list[int]:
        return [int(one.id[4:]) for one in self.admission.call_next("reflect", now)]


@pytest.fixture
def ground() -> Ground:
    return Ground()


def test_one_run_enters_for_each_permit_and_the_next_when_one_leaves(ground: Ground) -> None:
    arrivals = [ground.arrive(number) for number in range(4)]

    assert [ground.enter(one) for one in arrivals] == [True, True, False, False]
    assert ground.called() == []
    ground.admission.leave(arrivals[0], LEASE)
    ground.admission.leave(arrivals[0], LEASE)
    assert ground.called() == [2]
    assert ground.called() == []
    assert ground.enter(arrivals[2])
    assert not ground.enter(arrivals[3])


def test_a_client_with_a_few_is_not_held_back_by_one_with_many(ground: Ground) -> None:
    for number in range(10):
        ground.enter(ground.arrive(number, "many"))
    for number in (20, 21):
        ground.enter(ground.arrive(number, "few"))
    order: list[int] = []
    now = NOW
    for _ in range(6):
        now += 60_000
        order += ground.called(now)

    assert order.index(20) <= 2
    assert order.index(21) <= 4


def test_a_permit_ends_with_its_lease_or_when_a_call_was_lost(ground: Ground) -> None:
    arrivals = [ground.arrive(number) for number in range(4)]
    for one in arrivals:
        ground.enter(one)

    assert ground.called(LEASE - 1) == []
    assert ground.called(LEASE) == [2, 3]
    assert not ground.enter(ground.arrive(9), LEASE)
    assert ground.called(LEASE + CALL_MS) == [9]


def test_the_sweep_leaves_those_alone_that_wait_and_sees_those_that_were_called(
    ground: Ground,
) -> None:
    arrivals = [ground.arrive(number) for number in range(3)]
    for one in arrivals:
        ground.enter(one)

    def listed() -> list[int]:
        return [int(due.id[4:]) for due in ground.records.due(NOW + 10_000, 10)]

    assert listed() == [0, 1]
    ground.admission.leave(arrivals[0], LEASE)
    ground.called(NOW + 5_000)
    assert listed() == [0, 1, 2]
