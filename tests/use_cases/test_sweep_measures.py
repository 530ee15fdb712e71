"""Whether the sweeps keep up: what each says of the oldest verification that is due."""

from __future__ import annotations

import pytest

from liveproof import observability
from liveproof.domain.states import Status, Step
from liveproof.observability import Event, Metric
from liveproof.use_cases.sweep import sweep
from tests.support.crash_points import Failed
from tests.support.deployment import Deployment
from tests.support.verifications import numbered, verification

HALF_AN_HOUR_MS = 30 * 60_000


def test_a_sweep_says_how_long_the_oldest_has_been_due(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    ages: list[float] = []
    monkeypatch.setattr(observability, "measure", lambda _, value: ages.append(value))
    sweep(deployment.dependencies, deployment.clock.now() + 50_000)
    entry = deployment.ready()
    deployment.clock.sleep_until((entry.due_at or 0) + HALF_AN_HOUR_MS + 999)
    sweep(deployment.dependencies, deployment.clock.now() + 50_000)

    assert ages == [0, 1_800]


@pytest.fixture
def swept(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What the log says of each sweep."""
    lines: list[dict[str, object]] = []
    monkeypatch.setattr(
        observability,
        "record",
        lambda event, **fields: lines.append(fields) if event is Event.SWEPT else None,
    )
    return lines


def test_the_log_says_what_a_sweep_found_and_did(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, swept: list[dict[str, object]]
) -> None:
    now = deployment.clock.now()
    deployment.steps.backlogs = {(Step.RUN_CHECK, "reflect")}
    for number, status in enumerate((Status.READY, Status.AWAITING_UPLOAD, Status.READY)):
        due_at = now - HALF_AN_HOUR_MS + number
        deployment.records.save(numbered(number, status=status, due_at=due_at))
    monkeypatch.setattr(deployment.records, "delete_expired", lambda *_: 7)

    sweep(deployment.dependencies, now + 50_000)

    assert swept == [
        {"steps": 1, "queued": 2, "oldest_seconds": 1_800, "forgotten": 7, "partitions": 1}
    ]


def test_the_log_says_that_a_sweep_without_time_deleted_nothing(
    deployment: Deployment, swept: list[dict[str, object]]
) -> None:
    sweep(deployment.dependencies, deployment.clock.now() + 1_000)

    assert [line["forgotten"] for line in swept] == [0]


@pytest.mark.parametrize(("late_ms", "alarms"), [(HALF_AN_HOUR_MS, 0), (HALF_AN_HOUR_MS + 1, 1)])
@pytest.mark.parametrize("others", [0, 1])
def test_a_verification_is_overdue_after_half_an_hour_outside_every_queue(
    deployment: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    late_ms: int,
    alarms: int,
    others: int,
) -> None:
    """One that is due since a minute, and comes after it, takes nothing back."""
    counted: list[Metric] = []
    monkeypatch.setattr(observability, "count", counted.append)
    now = deployment.clock.now()
    for number, late in enumerate([late_ms, 60_000][: 1 + others]):
        deployment.records.save(verification(id=f"ver_{number:026d}", due_at=now - late))

    sweep(deployment.dependencies, now + 50_000)

    assert counted.count(Metric.OVERDUE) == alarms


def test_a_sweep_whose_heartbeat_is_lost_went_well(deployment: Deployment) -> None:
    now = deployment.clock.now()
    deployment.records.save(verification(due_at=now - HALF_AN_HOUR_MS))
    deployment.crash_points.arm("before heartbeats.beat", by=Failed)

    assert sweep(deployment.dependencies, now + 50_000) == 1
    assert len(deployment.steps.requests) == 1
