"""A burst of verifications drains at the rate of the vendor, whatever holds back its runs."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter

import pytest

from liveproof.domain import retries
from liveproof.domain.pace import PREPARED_MS, slot_width_us
from liveproof.use_cases.run_check import run_check
from tests.support.deployment import PAID, Deployment, verdict_code

WIDTH_MS = slot_width_us(5, 0, 0, PREPARED_MS) / 1000


def test_a_burst_drains_at_the_vendors_rate_with_every_call_in_a_slot_of_its_own(
    deployment: Deployment,
) -> None:
    for _ in range(60):
        deployment.ready()
        deployment.clock.advance(1)
    for entry in deployment.records.all():
        deployment.run_check(entry)
    deployment.settle()

    assert deployment.check.calls == 60
    taken = deployment.quota.reserved[PAID]
    assert len(set(taken)) == len(taken)
    sent = sorted(deployment.check.called_at)
    gaps = [later - earlier for earlier, later in itertools.pairwise(sent)]
    assert min(gaps) >= WIDTH_MS - 1
    assert {verdict_code(one)[1] for one in deployment.records.all()} == {"passed"}


def drain(deployment: Deployment, verifications: int, workers: int) -> Counter[str]:
    """Run so many, each run beginning up to 1.5 s late; how they ended.

    Runs overlap as they do in a cloud: each has its own time, from the same beginning. No more
    than `workers` run at a time.
    """
    chance = random.Random(8)
    waiting = [
        (deployment.clock.now(), number, deployment.ready().id) for number in range(verifications)
    ]
    turns = itertools.count(verifications)
    ended: Counter[str] = Counter()
    free = [deployment.clock.now()] * workers
    while waiting:
        at, _, id = heapq.heappop(waiting)
        deployment.clock.time = max(at + chance.randrange(1_500), heapq.heappop(free))
        run_check(deployment.dependencies, id, deployment.clock.now() + 120_000)
        heapq.heappush(free, deployment.clock.now())
        after = deployment.records.load(id)
        assert after is not None
        if after.verdict is None:
            heapq.heappush(waiting, (after.due_at or 0, next(turns), id))
        else:
            ended[after.verdict.reason.code] += 1
    return ended


@pytest.mark.parametrize(("seconds", "workers"), [(0.3, 20), (3, 30), (8, 60)])
def test_a_burst_that_waits_in_front_of_the_workers_relays_nothing_in_vain(
    deployment: Deployment, seconds: float, workers: int
) -> None:
    """However long the files take: as many slots are taken as calls are made."""
    deployment.check.prepare_takes_ms = round(seconds * 1000)

    assert drain(deployment, 300, workers) == {"passed": 300}
    assert deployment.check.prepared == deployment.check.calls == 300
    assert len(deployment.quota.reserved[PAID]) == 300


def test_files_that_take_most_of_a_run_are_rarely_relayed_twice(deployment: Deployment) -> None:
    """Two hundred runs begin at once and are ready at once: the last slots are too far away."""
    deployment.check.prepare_takes_ms = 38_000

    assert drain(deployment, 300, workers=200) == {"passed": 300}
    assert deployment.check.prepared <= 1.25 * 300
    assert len(deployment.quota.reserved[PAID]) == deployment.check.calls == 300


def test_a_burst_of_workers_enough_for_the_pace_drains_at_the_vendors_rate(
    deployment: Deployment,
) -> None:
    began = deployment.clock.now()

    drain(deployment, 300, workers=20)

    took = max(deployment.check.called_at) - began
    assert took <= 1.04 * 300 / 5 * 1000 + 2_000


def test_a_burst_that_nothing_holds_back_ends_too(deployment: Deployment) -> None:
    """All runs at once. Most find the line too long, and come back."""
    assert drain(deployment, 150, workers=1_000) == {"passed": 150}
    assert max(one.runs for one in deployment.records.all()) <= retries.MOST_RUNS // 10


@pytest.mark.parametrize("urls_per_second", [20, 5])
def test_a_burst_that_waits_for_the_relay_ends_nothing(urls_per_second: float) -> None:
    """The relay's quota (2.5 verifications a second) may be smaller than the calls' (5)."""
    deployment = Deployment(upload_urls_per_second=urls_per_second)
    deployment.check.prepare_takes_ms = 3_000

    assert drain(deployment, 60, workers=1_000) == {"passed": 60}
    assert deployment.check.prepared <= 2 * 60
