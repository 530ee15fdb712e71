"""Whole runs: the quota is used, nothing is lost or paid twice, and a seed repeats its run."""

from __future__ import annotations

import random
from collections import Counter

import msgspec
import pytest

from liveproof import observability
from liveproof.domain import ids
from liveproof.domain.ledger import CallOutcome
from simulator import costs, deployment
from simulator.examples import CLOUDS
from simulator.latency import Percentiles
from simulator.plan import Arrival, Cloud, Disorder, Troubles, burst
from simulator.simulation import Simulation
from tests.simulator.runs import answer, plan, run
from tools.docs.costs import DATA

BOTH = pytest.mark.parametrize("cloud", CLOUDS)


def problems(run: Simulation) -> list[str]:
    """What is not as it has to be at the end of any run."""
    messages = []
    unheard = 0
    for verification in run.records.all():
        if verification.due_at is not None or verification.verdict is None:
            messages.append(f"{verification.id} did not end")
        outcomes = Counter(call.outcome for call in verification.calls)
        unheard += outcomes[CallOutcome.UNKNOWN]
        if outcomes[CallOutcome.ANSWERED] > 1:
            messages.append(f"{verification.id} was answered twice")
        if outcomes[CallOutcome.ANSWERED] == 0 and outcomes[CallOutcome.UNKNOWN] == 0:
            messages.append(f"{verification.id} ended without a call")
    answered = sum(run.vendor.judged.values())
    if not len(run.traces) <= answered <= len(run.traces) + unheard:
        messages.append(f"{answered} judged calls, of which {unheard} are unknown")
    return messages


@BOTH
def test_everybody_passes_with_one_call_each_and_the_documented_counts(cloud: Cloud) -> None:
    done = run(plan(cloud))
    counts = DATA["counts"]

    assert problems(done) == []
    assert Counter(trace.decision for trace in done.traces) == {"passed": 40}
    assert sum(done.vendor.judged.values()) == 40
    of_manifest = counts["of_the_manifest"]
    puts, writes = (counts[name] - of_manifest[name] for name in ("puts", "record_writes"))
    assert done.meter.operations["bucket_put"] == 40 * puts
    assert done.meter.operations["record_write"] >= 40 * writes
    assert done.meter.runs["deliver_result"] == 40
    assert done.platform.dead_letters == 0


def test_a_verification_alone_writes_as_many_units_as_the_adapters_do() -> None:
    use, counts = answer(plan("aws", 1)).use, DATA["counts"]

    with_manifest = use.write_units + counts["of_the_manifest"]["write_units"]
    assert with_manifest == sum(counts["write_units"].values())


@BOTH
def test_a_backlog_uses_the_pace_and_is_never_throttled(cloud: Cloud) -> None:
    # Within four seconds: at one moment SCF would have no room for all uploads.
    arrivals = tuple(Arrival(number / 10, "reflect") for number in range(40))
    (check,) = answer(plan(cloud, arrivals=arrivals)).checks

    assert check.throttled == 0
    assert check.ratio is not None
    assert 0.98 <= check.ratio <= 1.1 * check.quota / check.pace


@BOTH
def test_two_runs_of_a_plan_are_equal_and_another_seed_differs(cloud: Cloud) -> None:
    disorder = Disorder(killed=0.05, copied=0.2, shuffled=True)
    first, second, other = (
        msgspec.json.encode(answer(plan(cloud, seed=seed, disorder=disorder))) for seed in (1, 1, 2)
    )

    assert first == second
    assert first != other


def test_a_run_leaves_logs_and_random_numbers_of_the_process_as_they_were() -> None:
    def state() -> list[object]:
        return [*vars(observability).values(), *vars(ids).values(), random.getstate()]

    before = state()
    run(plan("aws", 2))

    assert state() == before


@BOTH
@pytest.mark.parametrize("seed", range(3))
def test_despite_kills_copies_and_delays_everything_ends_and_is_paid_for_once(
    cloud: Cloud, seed: int
) -> None:
    disorder = Disorder(killed=0.1, copied=0.5, shuffled=True)
    done = run(plan(cloud, seed=seed, disorder=disorder))

    assert problems(done) == []


@BOTH
def test_lost_messages_delay_and_lose_nothing(cloud: Cloud) -> None:
    done = run(plan(cloud, disorder=Disorder(lost=0.3)))

    assert problems(done) == []
    assert Counter(trace.decision for trace in done.traces) == {"passed": 40}


@BOTH
def test_a_vendor_that_is_down_and_one_that_errs_delay_and_cost_nothing(cloud: Cloud) -> None:
    troubles = Troubles(errors=0.2, outages=((5, 60),))
    done = run(plan(cloud, troubles=troubles))

    assert problems(done) == []
    assert sum(done.vendor.judged.values()) == 40
    assert done.engine.seconds > 60


@BOTH
def test_an_answer_that_never_comes_is_paid_for_again_at_most_once(cloud: Cloud) -> None:
    done = run(plan(cloud, 10, troubles=Troubles(unanswered=1.0)))

    assert {trace.reason for trace in done.traces} == {"call_outcome_unknown"}
    assert done.vendor.judged == {"reflect": 20}


@BOTH
def test_a_pace_above_the_limit_is_throttled(cloud: Cloud) -> None:
    (check,) = answer(plan(cloud, 30, pace={"reflect": 10.0})).checks

    assert check.throttled > 0
    assert check.decisions == {"passed/passed": 30}


def test_too_few_runs_at_once_waste_the_quota() -> None:
    slow = {"reflect": Percentiles(4000, 5000)}
    few, enough = (
        answer(plan("aws", latency=slow, concurrency={"reflect": number})).checks[0]
        for number in (4, 40)
    )

    assert few.ratio is not None
    assert enough.ratio is not None
    assert few.ratio > 1.8 * enough.ratio


def test_a_region_without_memory_lets_events_wait_for_a_minute() -> None:
    reserved = sum(deployment.reserved_mb().values())  # of `api` as well, which takes no part
    scarce = answer(plan("tencent", 20, memory_mb=reserved + 3 * 256.0))

    assert scarce.use.no_memory > 0
    assert scarce.use.most_memory_mb is not None
    assert scarce.use.most_memory_mb <= reserved + 3 * 256
    assert scarce.unfinished == 0


@BOTH
def test_the_summary_separates_checks_and_clients(cloud: Cloud) -> None:
    arrivals = (
        *burst(10, "reflect", {"one": 4.0, "two": 1.0}),
        Arrival(0.0, "photo", "two"),
    )
    answered = answer(plan(cloud, arrivals=tuple(sorted(arrivals))))

    assert {check.check: check.offered for check in answered.checks} == {"reflect": 10, "photo": 1}
    assert {(one.check, one.client): one.offered for one in answered.clients} == {
        ("reflect", "one"): 8,
        ("reflect", "two"): 2,
        ("photo", "two"): 1,
    }


@BOTH
@pytest.mark.parametrize("check", ["reflect", "video", "photo", "silent"])
def test_every_check_can_be_planned(cloud: Cloud, check: str) -> None:
    arrivals = tuple(burst(3, check, {"shop": 1.0}))
    answered = answer(plan(cloud, arrivals=arrivals, quota={}, latency={}))

    assert answered.unfinished == 0
    assert all(decision.startswith("passed/") for decision in answered.checks[0].decisions)


@BOTH
def test_costs_are_of_a_thousand_whatever_was_offered(cloud: Cloud) -> None:
    small, large = (
        costs.of_thousand(cloud, answer(plan(cloud, count, latency={}))) for count in (10, 60)
    )

    assert costs.together(small) == pytest.approx(costs.together(large), rel=0.2)
    assert any(item.counted for item in small)
