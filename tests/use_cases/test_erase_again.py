"""Runs of the step `erase` beside another or after it: nothing is done or given back twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from liveproof import observability
from liveproof.domain.verification import Verification
from liveproof.observability import Event
from liveproof.use_cases.erase import erase
from liveproof.use_cases.request_erasure import request_erasure
from tests.support.crash_points import Killed
from tests.support.deliveries import SERVER_ERROR, decided
from tests.support.deployment import CLIENT, HOUR_MS, Deployment


def perform_all(deployment: Deployment) -> None:
    """What was asked for, and what that asks for; no time passes."""
    while requests := deployment.steps.take():
        for one in requests:
            deployment.perform(one)


def undecided(deployment: Deployment) -> Verification:
    return deployment.create()


@pytest.mark.parametrize("make", [undecided, decided])
def test_what_a_verification_reserved_is_given_back_once(
    make: Callable[[Deployment], Verification],
) -> None:
    """The last look at the bucket gave it back again, and more could be open than the limit."""
    deployment = Deployment(open_verifications_per_client=5)
    undecided(deployment)
    request_erasure(deployment.dependencies, CLIENT, make(deployment).id)

    for _ in range(2):
        perform_all(deployment)
        deployment.clock.advance(HOUR_MS)
        for one in deployment.records.all():
            erase(deployment.dependencies, one.id, deployment.clock.now() + 60_000)

    assert [one.open for one in deployment.limits.counters.values()] == [1]


def expired(deployment: Deployment) -> Verification:
    """Its uploads' time is over, and nobody asked for its erasure."""
    entry = undecided(deployment)
    deployment.clock.sleep_until(entry.expires_at)
    return entry


def in_a_call(deployment: Deployment) -> Verification:
    """Somebody asked for its erasure, and its paid call may still be answered."""
    entry = deployment.ready()

    def die() -> None:
        request_erasure(deployment.dependencies, CLIENT, entry.id)
        raise Killed("in the call")

    deployment.check.during_call = die
    with pytest.raises(Killed):
        deployment.run_check(entry)
    return entry


def failing(deployment: Deployment) -> Verification:
    """It is erased, its webhook is due again, and the last look at the bucket is not."""
    deployment.endpoint.script = [SERVER_ERROR]
    entry = decided(deployment)
    request_erasure(deployment.dependencies, CLIENT, entry.id)
    perform_all(deployment)
    deployment.clock.sleep_until(deployment.load(entry.id).due_at or 0)
    return entry


def unknown(deployment: Deployment) -> Verification:
    """Its record is deleted."""
    entry = undecided(deployment)
    del deployment.records.stored[entry.id]
    return entry


@pytest.mark.parametrize("make", [expired, in_a_call, failing, unknown])
def test_a_step_with_nothing_to_erase_is_skipped(
    deployment: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Deployment], Verification],
) -> None:
    entry = make(deployment)
    before, objects = dict(deployment.records.stored), dict(deployment.bucket.objects)
    events: list[Event] = []
    monkeypatch.setattr(observability, "record", lambda event, **_: events.append(event))

    erase(deployment.dependencies, entry.id, deployment.clock.now() + 60_000)

    assert events == [Event.STEP_SKIPPED]
    assert (deployment.records.stored, deployment.bucket.objects) == (before, objects)


def test_an_erasure_that_another_run_saved_first_is_skipped(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = decided(deployment)
    request_erasure(deployment.dependencies, CLIENT, entry.id)
    deployment.steps.take()
    deployment.records.conflicts_to_come = 1
    events: list[Event] = []
    monkeypatch.setattr(observability, "record", lambda event, **_: events.append(event))

    erase(deployment.dependencies, entry.id, deployment.clock.now() + 60_000)

    assert events == [Event.STEP_SKIPPED]
    assert deployment.steps.take() == []


def test_only_files_that_were_rejected_cost_a_write_that_forgets_them(
    deployment: Deployment,
) -> None:
    request_erasure(deployment.dependencies, CLIENT, decided(deployment).id)
    deployment.crash_points.arm()

    deployment.settle()

    assert "before limits.forget" not in deployment.crash_points.moments
