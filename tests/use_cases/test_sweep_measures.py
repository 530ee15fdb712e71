"""Whether the sweeps keep up: what each says of the oldest verification that is due."""

from __future__ import annotations

import pytest

from liveproof import observability
from liveproof.observability import Metric
from liveproof.use_cases.sweep import sweep
from tests.support.deployment import Deployment
from tests.support.verifications import verification

HALF_AN_HOUR_MS = 30 * 60_000


def test_a_sweep_says_how_long_the_oldest_has_been_due(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    ages: list[float] = []
    monkeypatch.setattr(observability, "measure", lambda _, value: ages.append(value))
    sweep(deployment.dependencies, deployment.clock.now() + 50_000)
    entry = deployment.ready()
    deployment.clock.sleep_until((entry.due_at or 0) + 90_000)
    sweep(deployment.dependencies, deployment.clock.now() + 50_000)

    assert ages == [0, 90]


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
