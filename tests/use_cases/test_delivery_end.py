"""A delivery that cannot be made, and a manifest that cannot be signed, end with their record."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from liveproof import observability
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.observability import Metric
from liveproof.use_cases.request_erasure import request_erasure
from liveproof.use_cases.verify_upload import uploads_due
from liveproof.webhooks.retries import FREQUENT_FAULTS
from tests.support.deliveries import decided
from tests.support.deployment import Deployment
from tests.support.evidence import put_evidence_keys

DAY_MS = 24 * 60 * 60 * 1000


def delivery_of(verification: Verification) -> tuple[DeliveryState, int]:
    assert verification.delivery is not None
    return verification.delivery.state, verification.delivery.attempts


def test_a_delivery_that_only_our_faults_prevent_ends_when_its_record_would(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployment = Deployment(record_retention_days=5)
    counted: list[Metric] = []
    monkeypatch.setattr(observability, "count", counted.append)
    deployment.secrets.values["webhooks"] = b"{"
    entry = decided(deployment)

    deployment.settle(rounds=2_000)

    after = deployment.load(entry.id)
    assert delivery_of(after) == (DeliveryState.EXHAUSTED, 0)
    assert after.due_at is None
    assert 5 <= (deployment.clock.now() - entry.created_at) / DAY_MS < 6.1
    assert counted.count(Metric.DELIVERY_EXHAUSTED) == 1
    assert counted.count(Metric.DELIVERY_FAULT) in range(FREQUENT_FAULTS, FREQUENT_FAULTS + 5)


@pytest.mark.parametrize(
    ("left_ms", "state"), [(1, DeliveryState.PENDING), (0, DeliveryState.EXHAUSTED)]
)
def test_a_fault_of_ours_ends_a_delivery_from_the_day_on_that_its_record_is_kept_until(
    left_ms: int, state: DeliveryState
) -> None:
    deployment = Deployment(record_retention_days=5)
    deployment.secrets.values["webhooks"] = b"{"
    entry = decided(deployment)
    deployment.clock.sleep_until(entry.created_at + 5 * DAY_MS - left_ms)

    after = deployment.deliver(entry)

    assert delivery_of(after) == (state, 0)
    assert (after.due_at is None) == (state is DeliveryState.EXHAUSTED)


@pytest.mark.parametrize(("left_ms", "missing"), [(1_000, None), (0, "not_signed")])
def test_a_manifest_that_could_not_be_signed_until_then_is_given_up(
    monkeypatch: pytest.MonkeyPatch, left_ms: int, missing: str | None
) -> None:
    """Else its verification would be due, and its record be kept, for ever."""
    deployment = Deployment(record_retention_days=5)
    put_evidence_keys(deployment)
    entry = decided(deployment)
    deployment.clock.sleep_until(entry.created_at + 5 * DAY_MS - left_ms)

    def refuse(*_: object) -> None:
        raise OSError("the bucket is down")

    monkeypatch.setattr(deployment.bucket, "put", refuse)
    after = deployment.deliver(entry)

    assert delivery_of(after) == (DeliveryState.DELIVERED, 1)
    assert (after.manifest and after.manifest.missing) == missing
    assert (after.due_at is None) == (missing is not None)


def expired_late(deployment: Deployment) -> Verification:
    """It ended when its record was as old as records are kept."""
    put_evidence_keys(deployment)
    entry = deployment.create(expires_in=86_400)
    deployment.clock.sleep_until(entry.expires_at)
    uploads_due(deployment.dependencies, entry.id, deployment.clock.now() + 60_000)
    return deployment.load(entry.id)


def erased_late(deployment: Deployment) -> Verification:
    entry = decided(deployment)
    deployment.clock.sleep_until(entry.created_at + DAY_MS)
    return request_erasure(deployment.dependencies, entry.client, entry.id)


@pytest.mark.parametrize("make", [expired_late, erased_late])
def test_one_fault_of_ours_does_not_end_the_webhook_of_what_ended_after_the_retention_time(
    make: Callable[[Deployment], Verification],
) -> None:
    deployment = Deployment(record_retention_days=1)
    entry = make(deployment)
    good = deployment.secrets.values["webhooks"]
    deployment.secrets.values["webhooks"] = b"{"
    for _ in range(3):
        for request in deployment.steps.take():
            deployment.clock.sleep_until(request.at or 0)
            deployment.perform(request)
    deployment.secrets.values["webhooks"] = good

    deployment.settle()

    after = deployment.load(entry.id)
    assert delivery_of(after) == (DeliveryState.DELIVERED, 1)
    assert len(deployment.endpoint.delivered) == 1


def test_what_ended_after_the_retention_time_has_a_manifest_too() -> None:
    deployment = Deployment(record_retention_days=1)
    entry = expired_late(deployment)

    after = deployment.deliver(entry)

    assert after.manifest is not None
    assert after.manifest.missing is None


@pytest.mark.parametrize(
    ("left_ms", "state"), [(1, DeliveryState.PENDING), (0, DeliveryState.EXHAUSTED)]
)
def test_faults_end_the_webhook_of_what_ended_late_after_a_day(
    left_ms: int, state: DeliveryState
) -> None:
    deployment = Deployment(record_retention_days=1)
    entry = expired_late(deployment)
    assert entry.verdict is not None
    deployment.secrets.values["webhooks"] = b"{"
    deployment.clock.sleep_until(entry.verdict.decided_at + DAY_MS - left_ms)

    assert delivery_of(deployment.deliver(entry)) == (state, 0)
