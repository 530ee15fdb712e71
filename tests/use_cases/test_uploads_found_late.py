"""An upload of which no event told is found when its time is up, and counted."""

from __future__ import annotations

import pytest

from liveproof import observability
from liveproof.domain.states import Status
from liveproof.domain.verification import Proof
from liveproof.observability import Metric
from liveproof.ports import StoredObject
from liveproof.use_cases.renew_uploads import renew_uploads
from liveproof.use_cases.request_erasure import request_erasure
from liveproof.use_cases.verify_upload import uploads_due
from tests.support.deployment import CLIENT, IMAGE, Deployment, verdict_code


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


def test_a_file_under_a_second_key_is_no_signal_where_no_event_told_of_it(
    deployment: Deployment,
) -> None:
    entry = deployment.create()
    deployment.put(entry, "live_data")
    renew_uploads(deployment.dependencies, CLIENT, entry.id)
    deployment.put(entry, "live_data")
    deployment.settle()

    after = deployment.load(entry.id)
    assert verdict_code(after)[1] == "uploads_expired"
    assert after.inputs["live_data"].proven_key == entry.inputs["live_data"].keys[0]
    assert after.signals == {}


def test_a_verification_that_is_erased_while_its_uploads_are_looked_for_is_left_alone(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step failed with a KeyError: an erased verification has no inputs any more."""
    verification = deployment.create()
    deployment.put(verification, "image")
    deployment.clock.sleep_until(verification.expires_at)
    read = deployment.bucket.open

    def erase_first(key: str, proof: Proof | None = None) -> StoredObject:
        request_erasure(deployment.dependencies, CLIENT, verification.id)
        return read(key, proof)

    monkeypatch.setattr(deployment.bucket, "open", erase_first)

    uploads_due(deployment.dependencies, verification.id, deployment.clock.now() + 60_000)

    assert deployment.load(verification.id).status is Status.ERASING
