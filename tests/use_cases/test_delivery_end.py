"""A delivery that cannot be made, and a manifest that cannot be signed, end with their record."""

from __future__ import annotations

import pytest

from liveproof import observability
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.observability import Metric
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
