"""No verification goes round for ever, whatever keeps its check from an end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from liveproof import observability
from liveproof.domain import retries
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision, Verification
from liveproof.observability import Metric
from liveproof.use_cases.verify_upload import uploads_due
from liveproof.vendors.errors import OutcomeUnknown, VendorRefused
from tests.support.checks import answer
from tests.support.crash_points import Killed
from tests.support.deployment import FREE, HOUR_MS, PAID, Deployment, verdict_code


class OurFault(RuntimeError):
    """Something that nobody foresaw."""


def until_decided(deployment: Deployment, entry: Verification, minutes: int = 3_000) -> int:
    """Run the step whenever it is due, whatever it raises; how often it ran."""
    for runs in range(minutes):
        current = deployment.load(entry.id)
        if current.verdict is not None:
            return runs
        deployment.clock.advance(60_000)
        deployment.clock.sleep_until(current.due_at or 0)
        try:
            deployment.run_check(entry)
        except OurFault:
            continue
    raise AssertionError("never decided")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Metric]:
    metrics: list[Metric] = []
    monkeypatch.setattr(observability, "count", metrics.append)
    return metrics


def test_a_call_that_never_fits_into_the_function_relays_nothing_and_ends(
    counted: list[Metric], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call of 110 s in a run of 120 s: 2,000 runs, each with the faces, and no end."""
    deployment = Deployment(call_timeout_seconds=110)
    entry = deployment.ready()

    deployment.run_check(entry)
    deployment.settle()

    assert verdict_code(deployment.load(entry.id)) == (Decision.ERROR, "not_finished")
    assert deployment.check.prepared == deployment.check.calls == 0
    assert deployment.quota.reserved == {}
    assert counted.count(Metric.RUNS_EXHAUSTED) == 1


def test_files_that_always_take_the_whole_run_end_too(
    deployment: Deployment, counted: list[Metric]
) -> None:
    entry = deployment.ready()
    deployment.check.prepare_takes_ms = 115_000

    until_decided(deployment, entry)

    assert verdict_code(deployment.load(entry.id)) == (Decision.ERROR, "not_finished")
    assert deployment.check.prepared == retries.MOST_RUNS
    assert deployment.quota.reserved.keys() == {FREE}
    assert counted.count(Metric.RUNS_EXHAUSTED) == 1


@pytest.mark.parametrize("where", ["check.prepare", "check.call"])
def test_a_step_that_always_raises_ends(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def fail(*_: object) -> None:
        raise OurFault

    monkeypatch.setattr(deployment.check, where.partition(".")[2], fail)
    entry = deployment.ready()

    runs = until_decided(deployment, entry)

    reason = {"check.prepare": "not_finished", "check.call": "call_outcome_unknown"}[where]
    assert verdict_code(deployment.load(entry.id)) == (Decision.ERROR, reason)
    assert runs <= retries.MOST_RUNS + 1


def fail_in_quota(deployment: Deployment) -> None:
    def reserve(*_: object) -> int:
        raise OurFault

    deployment.quota.reserve = reserve  # type: ignore[method-assign, assignment]


def fail_in_relay_count(deployment: Deployment) -> None:
    def relay_count(*_: object) -> int:
        raise OurFault

    deployment.check.relay_count = relay_count  # type: ignore[method-assign, assignment]


@pytest.mark.parametrize("fault", [fail_in_quota, fail_in_relay_count])
def test_one_that_raises_before_it_saves_anything_is_tried_for_a_day_and_ends(
    deployment: Deployment, fault: Callable[[Deployment], None]
) -> None:
    entry = deployment.ready()
    fault(deployment)
    began = deployment.clock.now()

    until_decided(deployment, entry)

    assert verdict_code(deployment.load(entry.id)) == (Decision.ERROR, "not_finished")
    assert deployment.clock.now() - began >= min(
        retries.LONGEST_FAILING_MS, retries.MOST_RUNS * 60_000
    )


def test_a_fault_of_a_few_hours_ends_nothing(deployment: Deployment) -> None:
    """The control."""
    entry = deployment.ready()
    reserve = deployment.quota.reserve
    fail_in_quota(deployment)
    for _ in range(20):
        deployment.clock.advance(HOUR_MS)
        with pytest.raises(OurFault):
            deployment.run_check(entry)
    deployment.quota.reserve = reserve  # type: ignore[method-assign]
    deployment.run_check(entry)

    assert verdict_code(deployment.load(entry.id))[1] == "passed"


def test_the_last_reason_reports_an_earlier_unknown_outcome(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.check.script = [OutcomeUnknown("timed out"), answer()]
    entry = deployment.run_check(deployment.ready())

    def fail(*_: object) -> None:
        raise OurFault

    monkeypatch.setattr(deployment.check, "prepare", fail)

    until_decided(deployment, entry)

    after = deployment.load(entry.id)
    assert verdict_code(after) == (Decision.ERROR, "call_outcome_unknown")
    assert [call.outcome for call in after.calls] == [CallOutcome.UNKNOWN, None]


def test_uploads_whose_reading_kills_every_function_end_after_a_day(
    deployment: Deployment, counted: list[Metric], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = deployment.create()
    deployment.put(entry, "image")

    def kill(*_: object) -> None:
        raise Killed("here")

    monkeypatch.setattr(deployment.bucket, "open", kill)

    deployment.settle(rounds=2_000)

    assert verdict_code(deployment.load(entry.id)) == (Decision.ERROR, "not_finished")
    assert counted.count(Metric.RUNS_EXHAUSTED) == 1
    assert Metric.STEP_STUCK in counted
    late = deployment.create()
    deployment.clock.sleep_until(late.expires_at + 20 * HOUR_MS)
    monkeypatch.undo()
    uploads_due(deployment.dependencies, late.id, deployment.clock.now() + 60_000)
    assert verdict_code(deployment.load(late.id))[1] == "uploads_expired"


@pytest.mark.parametrize(
    ("uploaded", "reason"), [((), "uploads_expired"), (("live_data", "image"), "passed")]
)
def test_after_two_days_in_which_nothing_was_asked_for_uploads_are_still_looked_for(
    deployment: Deployment, counted: list[Metric], uploaded: tuple[str, ...], reason: str
) -> None:
    """It was `not_finished` with an alarm, though no run had failed: there had been none."""
    entry = deployment.create()
    for name in uploaded:
        deployment.put(entry, name)
    deployment.clock.sleep_until(entry.expires_at + 48 * HOUR_MS)

    deployment.settle()

    assert verdict_code(deployment.load(entry.id))[1] == reason
    assert Metric.RUNS_EXHAUSTED not in counted


def test_a_last_look_that_kills_its_function_is_not_taken_again(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = deployment.create()
    deployment.put(entry, "image")
    deployment.clock.sleep_until(entry.expires_at + 48 * HOUR_MS)
    looks: list[int] = []

    def kill(*_: object) -> None:
        looks.append(deployment.clock.now())
        raise Killed("here")

    monkeypatch.setattr(deployment.bucket, "open", kill)

    deployment.settle()

    assert verdict_code(deployment.load(entry.id)) == (Decision.ERROR, "not_finished")
    assert len(looks) == 1


def test_a_copy_of_the_message_does_not_end_a_last_look_that_is_being_taken(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = deployment.create()
    for name in ("live_data", "image"):
        deployment.put(entry, name)
    deployment.clock.sleep_until(entry.expires_at + 48 * HOUR_MS)
    opened = deployment.bucket.open

    def and_again(*arguments: Any) -> Any:
        monkeypatch.undo()
        uploads_due(deployment.dependencies, entry.id, deployment.clock.now() + 60_000)
        return opened(*arguments)

    monkeypatch.setattr(deployment.bucket, "open", and_again)

    uploads_due(deployment.dependencies, entry.id, deployment.clock.now() + 60_000)

    assert deployment.load(entry.id).status is Status.READY


def test_waiting_for_the_relays_slots_is_no_run(deployment: Deployment) -> None:
    entry = deployment.ready()
    for _ in range(retries.MOST_RUNS + 20):
        deployment.clock.sleep_until(deployment.load(entry.id).due_at or 0)
        deployment.quota.next_at[FREE] = deployment.clock.now() + 90_000
        deployment.run_check(entry)
    deployment.quota.next_at.clear()
    deployment.settle()

    assert deployment.load(entry.id).runs == 1
    assert verdict_code(deployment.load(entry.id))[1] == "passed"


def test_a_call_whose_slots_are_always_too_far_away_ends_after_hours(
    deployment: Deployment, counted: list[Metric]
) -> None:
    """Each such run brings the files to the vendor, so none goes on for ever."""
    entry = deployment.ready()
    began = deployment.clock.now()
    while deployment.load(entry.id).verdict is None:
        deployment.clock.sleep_until(deployment.load(entry.id).due_at or 0)
        deployment.quota.next_at[PAID] = deployment.clock.now() + 15_000
        deployment.run_check(entry)

    assert verdict_code(deployment.load(entry.id)) == (Decision.ERROR, "not_finished")
    assert deployment.check.prepared == retries.MOST_RUNS
    assert deployment.clock.now() - began > 2.9 * HOUR_MS
    assert counted.count(Metric.RUNS_EXHAUSTED) == 1


def test_what_ends_for_another_reason_raises_no_alarm_of_a_run_that_never_ends(
    deployment: Deployment, counted: list[Metric]
) -> None:
    deployment.check.prepare_fails = [VendorRefused("Never.Heard", "request-9")]
    entry = deployment.ready()

    after = deployment.run_check(entry)

    assert verdict_code(after) == (Decision.ERROR, "vendor_code_unknown")
    assert Metric.RUNS_EXHAUSTED not in counted
