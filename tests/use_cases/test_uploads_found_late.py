"""An upload of which no event told is found when its time is up, and counted."""

from __future__ import annotations

import pytest

from liveproof import observability
from liveproof.observability import Metric
from tests.support.deployment import IMAGE, Deployment, verdict_code


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Metric]:
    """Every metric that is counted."""
    metrics: list[Metric] = []
    monkeypatch.setattr(observability, "count", metrics.append)
    return metrics


def test_an_upload_without_an_event_is_counted(
    deployment: Deployment, counted: list[Metric]
) -> None:
    entry = deployment.create()
    deployment.upload(entry, "live_data")
    deployment.put(entry, "image")
    deployment.settle()

    assert counted.count(Metric.UPLOAD_FOUND_LATE) == 1


def test_wrong_bytes_without_an_event_are_counted_too(
    deployment: Deployment, counted: list[Metric]
) -> None:
    entry = deployment.create()
    deployment.put(entry, "image", IMAGE + b"!")
    deployment.settle()

    assert counted.count(Metric.UPLOAD_FOUND_LATE) == 1


def test_uploads_with_an_event_are_not_counted(
    deployment: Deployment, counted: list[Metric]
) -> None:
    entry = deployment.create()
    deployment.upload(entry, "image")
    deployment.upload(entry, "live_data")
    deployment.settle()

    assert Metric.UPLOAD_FOUND_LATE not in counted


def test_a_missing_upload_is_not_counted(deployment: Deployment, counted: list[Metric]) -> None:
    entry = deployment.create()
    deployment.upload(entry, "image")
    deployment.settle()

    assert verdict_code(deployment.load(entry.id))[1] == "uploads_expired"
    assert Metric.UPLOAD_FOUND_LATE not in counted
