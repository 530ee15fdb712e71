"""The vendor's quota is a budget: every call waits for a slot of its own."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter

import pytest

from liveproof.domain import next_move, retries
from liveproof.domain.ledger import CallState
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision
from liveproof.use_cases.run_check import run_check
from liveproof.vendors.errors import RelayFailed
from tests.support.deployment import FREE, HOUR_MS, PAID, Deployment, verdict_code


def test_the_call_waits_for_its_slot(deployment: Deployment) -> None:
    entry = deployment.ready()
    slot = deployment.clock.now() + 2_500
    deployment.quota.next_at[PAID] = slot

    deployment.run_check(entry)

    assert deployment.check.called_at == [slot]


def test_a_far_slot_postpones_the_run_to_shortly_before_it(deployment: Deployment) -> None:
    entry = deployment.ready()
    slot = deployment.clock.now() + 90_000
    deployment.quota.next_at[PAID] = slot

    waiting = deployment.run_check(entry)

    assert waiting.call_not_before == slot
    assert waiting.due_at == slot - next_move.SLOT_LEAD_MS
    assert deployment.steps.asked[-1].at == waiting.due_at
    assert deployment.check.prepared == 0
    deployment.settle()
    assert deployment.check.called_at == [slot]
    assert deployment.quota.reserved[PAID] == [slot]


def test_a_message_that_comes_while_a_slot_is_waited_for_changes_nothing(
    deployment: Deployment,
) -> None:
    entry = deployment.ready()
    deployment.quota.next_at[PAID] = deployment.clock.now() + 90_000
    waiting = deployment.run_check(entry)
    deployment.steps.take()

    for _ in range(3):
        deployment.clock.advance(1000)
        assert deployment.run_check(entry) == waiting
    assert deployment.steps.asked == []


def test_a_slot_that_has_passed_is_reserved_again(deployment: Deployment) -> None:
    entry = deployment.ready()
    slot = deployment.clock.now() + 90_000
    deployment.quota.next_at[PAID] = slot
    deployment.run_check(entry)
    deployment.clock.time = slot + 5_000

    deployment.run_check(entry)

    assert len(deployment.quota.reserved[PAID]) >= 2
    assert deployment.check.called_at[0] >= deployment.quota.reserved[PAID][-1] > slot


def test_a_burst_drains_at_the_quota_with_every_call_in_a_slot_of_its_own(
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
    width = 1000 / deployment.dependencies.settings.calls_per_second["reflect"]
    sent = sorted(deployment.check.called_at)
    gaps = [later - earlier for earlier, later in itertools.pairwise(sent)]
    assert min(gaps) >= width - 1
    assert {verdict_code(one)[1] for one in deployment.records.all()} == {"passed"}


def drain(deployment: Deployment, verifications: int, workers: int = 1_000) -> Counter[str]:
    """Run so many at once, each run beginning up to 1.5 s late; how they ended.

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


@pytest.mark.parametrize("seconds", [0.3, 3, 8, 38])
def test_a_burst_whose_files_take_longer_than_a_run_starts_before_its_slot_is_called(
    deployment: Deployment, seconds: float
) -> None:
    """With 3 s, 168 of 200 used up each other's slots until they ended as not_finished."""
    deployment.check.prepare_takes_ms = round(seconds * 1000)

    assert drain(deployment, 60) == {"passed": 60}
    assert max(one.runs for one in deployment.records.all()) <= retries.MOST_RUNS // 20
    assert deployment.check.prepared <= 3 * 60


def test_a_burst_that_the_workers_cannot_keep_up_with_relays_few_files_in_vain() -> None:
    """Runs began late for their slots: some of 150 intended a call 39 times before it was made."""
    deployment = Deployment(upload_urls_per_second=1_000)
    deployment.check.prepare_takes_ms = 8_000

    assert drain(deployment, 150, workers=10) == {"passed": 150}
    assert max(one.runs for one in deployment.records.all()) <= retries.MOST_RUNS // 10
    assert deployment.check.prepared <= 3 * 150


@pytest.mark.parametrize("urls_per_second", [18, 4.5])
def test_a_burst_that_waits_for_the_relay_ends_nothing(urls_per_second: float) -> None:
    """The relay's quota (2.25 verifications a second) may be smaller than the calls' (4.5)."""
    deployment = Deployment(upload_urls_per_second=urls_per_second)
    deployment.check.prepare_takes_ms = 3_000

    assert drain(deployment, 60) == {"passed": 60}
    assert max(one.runs for one in deployment.records.all()) <= retries.MOST_RUNS // 10


def test_a_relay_slot_that_is_far_away_is_not_taken_and_is_no_run(deployment: Deployment) -> None:
    entry = deployment.ready()
    far = deployment.quota.next_at[FREE] = deployment.clock.now() + 11_000

    waiting = deployment.run_check(entry)

    assert (waiting.status, waiting.runs, waiting.calls) == (Status.READY, 0, ())
    assert deployment.quota.next_at[FREE] == far
    assert deployment.clock.now() < far
    deployment.settle()
    assert verdict_code(deployment.load(entry.id))[1] == "passed"


def test_the_free_requests_before_the_calls_keep_to_their_quota_too(
    deployment: Deployment,
) -> None:
    for _ in range(10):
        deployment.ready()
    for entry in deployment.records.all():
        deployment.run_check(entry)
    deployment.settle()

    per_second = deployment.dependencies.settings.upload_urls_per_second / 2
    taken = deployment.quota.reserved[FREE]
    gaps = [later - earlier for earlier, later in itertools.pairwise(taken)]
    assert len(taken) >= 10
    assert min(gaps) >= 1000 / per_second - 1


def test_files_that_are_gone_from_the_bucket_are_asked_for_again_without_a_call(
    deployment: Deployment,
) -> None:
    entry = deployment.ready()
    deployment.bucket.objects.clear()
    after = deployment.run_check(entry)

    assert verdict_code(after) == (Decision.RESUBMIT, "uploads_gone")
    assert deployment.check.calls == 0


def test_an_hour_of_waiting_for_a_slot_leaves_the_vendor_its_own_hour(
    deployment: Deployment,
) -> None:
    entry = deployment.ready()
    deployment.quota.next_at[PAID] = deployment.clock.now() + 2 * HOUR_MS
    deployment.run_check(entry)
    deployment.check.prepare_fails = [RelayFailed("no storage")]
    deployment.settle()

    assert verdict_code(deployment.load(entry.id))[1] == "passed"


def test_waiting_longer_than_an_hour_for_a_slot_is_no_fault_of_the_vendor(
    deployment: Deployment,
) -> None:
    entry = deployment.ready()
    deployment.quota.next_at[PAID] = deployment.clock.now() + 3 * HOUR_MS
    deployment.run_check(entry)
    deployment.settle()

    assert verdict_code(deployment.load(entry.id))[1] == "passed"


def test_without_enough_time_for_the_call_it_is_not_sent(deployment: Deployment) -> None:
    entry = deployment.ready()

    after = deployment.run_check(entry, seconds=35)

    assert deployment.check.calls == 0
    assert after.status is Status.CHECKING
    assert after.calls[-1].state is CallState.INTENT
    deployment.settle()
    assert verdict_code(deployment.load(entry.id))[1] == "passed"
    assert deployment.check.calls == 1
