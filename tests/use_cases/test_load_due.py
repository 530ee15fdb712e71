"""A step whose message comes a moment before its due time, by the clock of another function."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from liveproof.domain.states import Status
from liveproof.domain.verification import Verification
from liveproof.use_cases.load_due import CLOCKS_DIFFER_MS, load_due
from liveproof.use_cases.request_erasure import request_erasure
from tests.support.deliveries import decided
from tests.support.deployment import CLIENT, FILES, Deployment


def proven(deployment: Deployment) -> Verification:
    entry = deployment.create()
    for name in FILES:
        deployment.upload(entry, name)
    return entry


def answered(deployment: Deployment) -> Verification:
    entry = deployment.ready()
    return deployment.run_check(entry)


def erasing(deployment: Deployment) -> Verification:
    entry = decided(deployment)
    return request_erasure(deployment.dependencies, CLIENT, entry.id)


def is_checked(deployment: Deployment, entry: Verification) -> bool:
    return deployment.load(entry.id).status is Status.DECIDED


def is_sent(deployment: Deployment, entry: Verification) -> bool:
    return len(deployment.endpoint.delivered) == 1


def is_erased(deployment: Deployment, entry: Verification) -> bool:
    return deployment.load(entry.id).status is Status.ERASED


@pytest.mark.parametrize("behind_ms", [0, 1, CLOCKS_DIFFER_MS - 1])
@pytest.mark.parametrize(
    ("prepare", "is_done"),
    [(proven, is_checked), (answered, is_sent), (erasing, is_erased)],
    ids=["run_check", "deliver_result", "erase"],
)
def test_a_step_is_done_by_its_message_although_its_functions_clock_is_behind(
    deployment: Deployment,
    prepare: Callable[[Deployment], Verification],
    is_done: Callable[[Deployment, Verification], bool],
    behind_ms: int,
) -> None:
    """It found nothing due, and the person waited for the sweep: up to 70 seconds."""
    entry = prepare(deployment)
    deployment.clock.time -= behind_ms

    for request in deployment.steps.take():
        deployment.perform(request)

    assert is_done(deployment, entry)


STATES = (Status.DECIDED,)


@pytest.mark.parametrize(
    ("left_ms", "waited_ms"),
    [(-1, 0), (0, 0), (1, 1), (CLOCKS_DIFFER_MS - 1, CLOCKS_DIFFER_MS - 1), (CLOCKS_DIFFER_MS, 0)],
)
def test_a_due_time_further_away_is_not_waited_for(
    deployment: Deployment, left_ms: int, waited_ms: int
) -> None:
    now = deployment.clock.now()
    entry = deployment.records.save(replace(decided(deployment), due_at=now + 10_000))
    deployment.clock.time = now + 10_000 - left_ms

    assert load_due(deployment.dependencies, entry.id, STATES) == entry
    assert deployment.clock.now() == now + 10_000 - left_ms + waited_ms


def test_what_is_done_or_is_another_steps_is_not_waited_for(deployment: Deployment) -> None:
    entry = decided(deployment)
    deployment.clock.time = (entry.due_at or 0) - 1

    assert load_due(deployment.dependencies, entry.id, (Status.READY,)) == entry
    done = deployment.records.save(replace(entry, due_at=None))
    assert load_due(deployment.dependencies, entry.id, STATES) == done
    assert load_due(deployment.dependencies, "ver_" + "0" * 26, STATES) is None
    assert deployment.clock.now() == (entry.due_at or 0) - 1


def test_what_was_saved_during_the_wait_is_what_is_loaded(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = decided(deployment)
    deployment.clock.time = (entry.due_at or 0) - 1
    leased = replace(entry, due_at=(entry.due_at or 0) + 60_000)
    monkeypatch.setattr(deployment.clock, "sleep_until", lambda at: deployment.records.save(leased))

    assert load_due(deployment.dependencies, entry.id, STATES) == deployment.load(entry.id)
    assert deployment.load(entry.id).due_at == leased.due_at
