"""Runs that wait for their turn, in a queue that goes on whatever happens."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from liveproof.admission import Waiting
from liveproof.domain.audit import OPERATOR
from liveproof.domain.lifecycle import decided, held, postponed
from liveproof.domain.states import Status, Step
from liveproof.domain.verification import Verification
from liveproof.use_cases.admission import admission
from liveproof.use_cases.conclude import verdict_of
from liveproof.use_cases.request_erasure import request_erasure
from liveproof.use_cases.request_step import request_step
from liveproof.use_cases.sweep import GRACE_MS, sweep
from tests.support.crash_points import Failed, Killed
from tests.support.deployment import Deployment


@pytest.fixture
def busy() -> Deployment:
    """A deployment with one permit, which another function has."""
    deployment = Deployment()
    deployment.admission.permits = 1
    return deployment


def hold(deployment: Deployment) -> int:
    """The permit is another function's until a time, and nothing is heard of that function."""
    until = deployment.clock.now() + 35_000
    assert deployment.admission.enter(deployment.ready(), deployment.clock.now(), until)
    return until


def wait(deployment: Deployment, verification: Verification, *, is_alone: bool = True) -> None:
    """The verification's run finds no free permit.

    Args:
        is_alone: the run ends as it should.
    """
    if is_alone:
        deployment.run_check(verification)
    else:
        now = deployment.clock.now()
        assert not deployment.admission.enter(verification, now, now + 30_000)


def requested(deployment: Deployment) -> list[str]:
    return [one.id for one in deployment.steps.take() if one.step is Step.RUN_CHECK]


def test_without_a_permit_nothing_is_spent_and_nothing_is_saved(busy: Deployment) -> None:
    hold(busy)
    waiting = busy.ready()
    slots, calls = len(busy.quota.reserved), busy.check.prepared

    after = busy.run_check(waiting)

    assert after == waiting
    assert (len(busy.quota.reserved), busy.check.prepared) == (slots, calls)
    assert requested(busy) == []


def test_the_end_of_a_run_starts_the_next(busy: Deployment) -> None:
    first, second = busy.ready(), busy.ready()
    busy.check.during_call = lambda: wait(busy, second)
    assert busy.run_check(first).status is Status.DECIDED

    assert requested(busy) == [second.id]
    assert busy.run_check(second).status is Status.DECIDED


@pytest.mark.parametrize("error", [Failed, KeyError])
def test_a_run_that_fails_leaves_and_its_error_stays(
    busy: Deployment, error: type[Exception]
) -> None:
    one, two = busy.ready(), busy.ready()
    deadline = busy.clock.now() + 30_000

    def fail() -> None:
        with admission(busy.dependencies, one, deadline) as is_admitted:
            assert is_admitted
            busy.run_check(two)
            raise error

    with pytest.raises(error):
        fail()

    assert requested(busy) == [two.id]


def test_a_run_that_is_killed_leaves_with_its_lease(busy: Deployment) -> None:
    ends = hold(busy)
    waiting = busy.ready()
    wait(busy, waiting)
    for now in (ends - 1, ends):
        busy.clock.sleep_until(now)
        assert waiting.id not in requested(busy)
        sweep(busy.dependencies, now + 50_000)

    assert waiting.id in requested(busy)
    assert busy.run_check(waiting).status is Status.DECIDED


def test_the_sweep_starts_those_whose_permit_nobody_handed_on(busy: Deployment) -> None:
    first, second = busy.ready(), busy.ready()
    busy.crash_points.arm("before admission.call_next", by=Killed)
    with pytest.raises(Killed), admission(busy.dependencies, first, busy.clock.now() + 30_000):
        wait(busy, second, is_alone=False)

    sweep(busy.dependencies, busy.clock.now() + 50_000)

    assert requested(busy) == [second.id]


def test_a_store_that_fails_when_a_run_leaves_does_not_undo_the_run(busy: Deployment) -> None:
    one = busy.ready()
    busy.crash_points.arm("before admission.leave", by=Failed)

    assert busy.run_check(one).status is Status.DECIDED


def test_a_store_that_fails_when_a_run_enters_fails_the_step(busy: Deployment) -> None:
    one = busy.ready()
    busy.crash_points.arm("before admission.enter", by=Failed)

    with pytest.raises(Failed):
        busy.run_check(one)

    assert busy.load(one.id) == one


def test_a_step_that_cannot_be_requested_is_the_sweeps(busy: Deployment) -> None:
    first, second = busy.ready(), busy.ready()
    with admission(busy.dependencies, first, busy.clock.now() + 30_000):
        wait(busy, second)
        busy.crash_points.arm("before steps.request", by=Failed)

    assert requested(busy) == []
    busy.clock.advance(GRACE_MS + 1)
    sweep(busy.dependencies, busy.clock.now() + 50_000)
    assert second.id in requested(busy)


def test_one_that_ended_meanwhile_only_costs_its_call(busy: Deployment) -> None:
    """Its permit becomes free, and its row goes."""
    first, ended, last = busy.ready(), busy.ready(), busy.ready()
    with admission(busy.dependencies, first, busy.clock.now() + 30_000):
        busy.run_check(ended)
        busy.run_check(last)
        del busy.records.stored[ended.id], busy.records.rows[ended.id]
    (called,) = requested(busy)
    assert called == ended.id

    busy.clock.advance(20_000)
    sweep(busy.dependencies, busy.clock.now() + 50_000)

    assert last.id in requested(busy)
    assert Waiting(ended.id, "reflect", "shop") not in busy.admission.waiting["reflect"]


def test_a_sweep_starts_the_other_checks_when_one_cannot_be_asked_about(
    busy: Deployment,
) -> None:
    checks = []

    class Broken:
        def call_next(self, check: str, now: int) -> tuple[Waiting, ...]:
            checks.append(check)
            raise Failed

    dependencies = dataclasses.replace(busy.dependencies, admission=Broken())  # type: ignore[arg-type]
    overdue = busy.ready()
    busy.clock.advance(GRACE_MS + 1)

    with pytest.raises(Failed):
        sweep(dependencies, busy.clock.now() + 50_000)

    assert checks == list(busy.dependencies.settings.calls_per_second)
    assert requested(busy) == [overdue.id]


def test_sixty_of_two_clients_are_decided_with_few_at_work() -> None:
    deployment = Deployment()
    deployment.admission.permits = 5
    made = [deployment.ready() for _ in range(60)]
    for verification in made:
        request_step(deployment.dependencies, Step.RUN_CHECK, verification)

    deployment.settle(rounds=5_000)

    assert all(deployment.load(one.id).status is Status.DECIDED for one in made)
    assert deployment.check.calls == 60
    assert deployment.admission.waiting["reflect"] == []


def hold_back(deployment: Deployment, entry: Verification) -> None:
    now = deployment.clock.now()
    deployment.records.save(held(deployment.load(entry.id), now + 3_600_000, now, OPERATOR))


def erase(deployment: Deployment, entry: Verification) -> None:
    request_erasure(deployment.dependencies, entry.client, entry.id)
    deployment.steps.take()


def end(deployment: Deployment, entry: Verification) -> None:
    verdict = verdict_of("not_finished", deployment.clock.now())
    deployment.records.save(decided(deployment.load(entry.id), verdict))


@pytest.mark.parametrize("act", [hold_back, erase, end])
def test_one_that_needs_its_turn_no_more_gives_it_to_the_next_at_once(
    busy: Deployment, act: Callable[[Deployment, Verification], None]
) -> None:
    """It kept its permit for fifteen seconds, and hundreds of them kept the vendor idle."""
    first, *useless, last = (busy.ready() for _ in range(12))
    with admission(busy.dependencies, first, busy.clock.now() + 30_000):
        for waiting in (*useless, last):
            busy.run_check(waiting)
        for one in useless:
            act(busy, one)
    began = busy.clock.now()

    for _ in useless:
        for request in busy.steps.take():
            busy.perform(request)

    assert requested(busy) == [last.id]
    assert busy.clock.now() == began


def test_a_store_that_fails_when_a_turn_is_given_up_fails_no_step(busy: Deployment) -> None:
    entry = busy.ready()
    hold_back(busy, entry)
    busy.crash_points.arm("before admission.withdraw", by=Failed)

    busy.run_check(entry)

    assert busy.crash_points.moments[-1] == "before admission.withdraw"


def test_a_copy_of_a_message_takes_nobodys_place_in_the_queue(busy: Deployment) -> None:
    """One that is put off, or worked on, may have a copy of its message skipped."""
    hold(busy)
    waiting = busy.ready()
    wait(busy, waiting)
    busy.records.save(postponed(waiting, busy.clock.now() + 60_000))

    busy.run_check(waiting)

    assert Waiting(waiting.id, "reflect", "shop") in busy.admission.waiting["reflect"]


def test_those_of_a_check_that_is_switched_off_end_one_after_the_other(busy: Deployment) -> None:
    first, *others = (busy.ready() for _ in range(4))
    with admission(busy.dependencies, first, busy.clock.now() + 30_000):
        for waiting in others:
            busy.run_check(waiting)
    busy.dependencies = dataclasses.replace(busy.dependencies, checks={})

    for _ in others:
        for request in busy.steps.take():
            if request.step is Step.RUN_CHECK:
                busy.perform(request)

    assert [busy.load(one.id).status for one in others] == [Status.DECIDED] * 3
