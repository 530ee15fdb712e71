"""Ports that count into the wide event, and the event itself."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from liveproof.dependencies import Dependencies
from liveproof.domain.breaker import LEAST_OUTCOMES, PAUSE_MS
from liveproof.measured_ports import measure_ports
from liveproof.observability import Measure, Metric, wide_event
from liveproof.observability.wide_event import FIELDS, WideEvent
from liveproof.quota import QuotaFull
from liveproof.webhooks.keys import PrivateKey
from tests.support.deployment import PAID, Deployment

NOT_MEASURED = {"settings"}


@pytest.fixture
def event() -> WideEvent:
    """The event of a run in progress."""
    return wide_event.begin()


def test_every_port_of_the_bag_is_measured(deployment: Deployment) -> None:
    bag = replace(deployment.dependencies, webhook_key=PrivateKey(b"x" * 32))
    measured = measure_ports(bag)

    same = {
        field.name
        for field in fields(Dependencies)
        if getattr(bag, field.name) is getattr(measured, field.name)
    }
    assert same == NOT_MEASURED


def test_a_verification_goes_through_measured_ports_as_through_others(
    deployment: Deployment, event: WideEvent
) -> None:
    deployment.dependencies = measure_ports(deployment.dependencies)
    verification = deployment.create()
    for name in ("live_data", "image"):
        deployment.upload(verification, name)
    deployment.settle()

    fields = event.fields()
    assert event.verification == verification.id
    assert (fields["state"], fields["decision"]) == ("decided", "passed")
    assert (fields["vendor_calls"], fields["billed_calls"]) == (1, 1)
    assert fields["webhook_attempts"] == 1
    assert {*fields} <= {*FIELDS}


def test_two_verifications_of_a_run_are_counted_and_not_named(
    deployment: Deployment, event: WideEvent
) -> None:
    deployment.dependencies = measure_ports(deployment.dependencies)
    deployment.create()
    deployment.create()

    assert event.verification is None
    assert event.fields()["verifications"] == 2
    assert "check" not in event.fields()


def test_a_part_within_a_part_counts_once(
    event: WideEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter((0, 10, 30, 100))
    monkeypatch.setattr("time.perf_counter_ns", lambda: next(now, 100) * 1_000_000)
    with event.part("vendor"), event.part("bucket"):
        pass

    assert (event.fields()["vendor_ms"], event.fields()["bucket_ms"]) == (80.0, 20.0)


@pytest.mark.parametrize(
    ("notes", "outcome"),
    [({"status": 201}, "done"), ({"status": 404}, "refused"), ({"status": 503}, "failed")],
)
def test_a_runs_outcome_follows_from_the_answer(
    event: WideEvent, notes: dict[str, int], outcome: str
) -> None:
    event.note(**notes)

    assert event.fields()["outcome"] == outcome


def test_a_message_that_comes_again_makes_the_run_fail(event: WideEvent) -> None:
    event.add("failed_messages")

    assert event.fields()["outcome"] == "failed"


def test_calls_outside_of_runs_are_in_no_event() -> None:
    first = wide_event.begin()
    wide_event.end()
    wide_event.current().add("messages")

    assert "messages" not in first.fields()


def test_each_slot_says_how_far_it_is_and_how_much_of_the_limit_it_uses(
    deployment: Deployment, event: WideEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Measure, float, dict[str, str]]] = []
    monkeypatch.setattr(
        "liveproof.measured_ports.measure",
        lambda which, value, **of: seen.append((which, value, of)),
    )
    quota = measure_ports(deployment.dependencies).quota
    now = deployment.clock.now()
    first, second = (quota.reserve(PAID, 5, now) for _ in range(2))

    api = {"api": PAID}
    assert [(which, value) for which, value, _ in seen] == [
        (Measure.QUOTA_WAIT, first - now),
        (Measure.QUOTA_USE, pytest.approx(100 / 300)),
        (Measure.QUOTA_WAIT, second - now),
        (Measure.QUOTA_USE, pytest.approx(100 / 300)),
    ]
    assert all(of == api for _, _, of in seen)
    assert event.fields()["quota_wait_ms"] == first + second - 2 * now


def test_only_the_end_of_a_probe_is_counted_as_a_write(
    deployment: Deployment, event: WideEvent
) -> None:
    now = deployment.clock.now()
    for _ in range(LEAST_OUTCOMES):
        deployment.quota.reserve(PAID, 1_000, now)
        deployment.quota.record_failure(PAID, now)
    quota = measure_ports(deployment.dependencies).quota
    quota.record_success(PAID)
    quota.give_back_probe(PAID, now)
    assert "store_writes" not in event.fields()

    assert deployment.quota.probe(PAID, now + PAUSE_MS)
    assert quota.give_back_probe(PAID, now)
    assert deployment.quota.probe(PAID, now + PAUSE_MS)
    assert quota.record_success(PAID)

    assert event.fields()["store_writes"] == 2


def test_a_limit_without_a_slot_is_counted_as_exhausted(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Metric] = []
    monkeypatch.setattr("liveproof.measured_ports.count", counted.append)
    quota = measure_ports(deployment.dependencies).quota
    now = deployment.clock.now()
    for _ in range(3):
        quota.reserve(PAID, 1, now)
    with pytest.raises(QuotaFull):
        quota.reserve(PAID, 1, now, latest=now)

    assert counted == [Metric.QUOTA_EXHAUSTED]
