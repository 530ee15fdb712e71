"""The vendor's quota is a budget: every call takes a slot when it is ready, and waits."""

from __future__ import annotations

import pytest

from liveproof.domain import retries
from liveproof.domain.ledger import CallOutcome, CallState
from liveproof.domain.pace import LEAD_MS, PREPARED_MS, slot_width_us
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision, Verification
from liveproof.ports import IdempotencyClaim
from liveproof.vendors.errors import VendorRefused
from tests.support.checks import answer
from tests.support.deployment import PAID, Deployment, verdict_code

WIDTH_MS = slot_width_us(5, 0, 0, PREPARED_MS) / 1000


def test_the_call_waits_for_its_slot(deployment: Deployment) -> None:
    entry = deployment.ready()
    slot = deployment.clock.now() + 2_500
    deployment.quota.next_at[PAID] = slot

    deployment.run_check(entry)

    assert deployment.check.called_at == [slot]


def test_a_slot_is_taken_when_the_files_are_at_the_vendor(deployment: Deployment) -> None:
    entry = deployment.ready()
    deployment.check.prepare_takes_ms = 38_000
    began = deployment.clock.now()

    deployment.run_check(entry)

    assert deployment.quota.reserved[PAID] == deployment.check.called_at == [began + 38_000]


def test_a_run_that_is_late_for_its_slot_calls_all_the_same(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A late run used to take another slot, at the end of the line."""
    entry = deployment.ready()
    reserve = deployment.quota.reserve

    def slowly(name: str, per_second: float, now: int, latest: int | None = None) -> int:
        slot = reserve(name, per_second, now, latest)
        deployment.clock.advance(700 if name == PAID else 0)
        return slot

    monkeypatch.setattr(deployment.quota, "reserve", slowly)

    deployment.run_check(entry)

    (slot,) = deployment.quota.reserved[PAID]
    assert deployment.check.called_at == [slot + 700]
    assert verdict_code(deployment.load(entry.id))[1] == "passed"


def test_a_slow_write_of_the_ledger_does_not_delay_a_call_whose_slot_is_ahead(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine such writes took up to 480 ms, and 300 were left for them: the late calls
    were refused, and the pace slowed down."""
    entry = deployment.ready()
    slot = deployment.quota.next_at[PAID] = deployment.clock.now() + 2_500
    save = deployment.records.save

    def slowly(verification: Verification, claim: IdempotencyClaim | None = None) -> Verification:
        deployment.clock.advance(480)
        return save(verification, claim)

    monkeypatch.setattr(deployment.records, "save", slowly)

    deployment.run_check(entry)

    assert deployment.check.called_at == [slot]


def test_the_connection_is_opened_and_the_call_recorded_shortly_before_the_slot(
    deployment: Deployment,
) -> None:
    entry = deployment.ready()
    slot = deployment.quota.next_at[PAID] = deployment.clock.now() + 2_500

    after = deployment.run_check(entry)

    assert deployment.check.connected_at == [slot - LEAD_MS]
    assert deployment.check.connect_timeouts == [LEAD_MS / 1000]
    assert after.calls[-1].called_at == slot - LEAD_MS


@pytest.mark.parametrize("is_near", [True, False])
def test_a_slot_more_than_ten_seconds_away_is_not_taken_and_the_run_ends(
    deployment: Deployment, is_near: bool
) -> None:
    entry = deployment.ready()
    ready_at = deployment.clock.now() + deployment.check.prepare_takes_ms
    slot = deployment.quota.next_at[PAID] = ready_at + 10_000 + (not is_near)

    after = deployment.run_check(entry)

    if is_near:
        assert deployment.check.called_at == [slot]
        return
    assert (after.status, after.calls[-1].state) == (Status.CHECKING, CallState.INTENT)
    assert deployment.quota.next_at[PAID] == slot
    assert deployment.steps.requests[-1].at == after.due_at == ready_at + 3_000
    deployment.settle()
    assert verdict_code(deployment.load(entry.id))[1] == "passed"
    assert deployment.check.calls == 1


@pytest.mark.parametrize("seconds_for_slots", [0, 4])
def test_a_slot_after_which_the_call_would_not_fit_into_the_run_is_not_taken(
    deployment: Deployment, seconds_for_slots: int
) -> None:
    """30 s of the call, 10 s for what follows it, 1 s of margin; the files took the rest."""
    entry = deployment.ready()
    deployment.check.prepare_takes_ms = 40_000
    latest = deployment.clock.now() + 40_000 + seconds_for_slots * 1000
    deployment.quota.next_at[PAID] = latest + 1

    after = deployment.run_check(entry, seconds=40 + seconds_for_slots + 41)

    assert after.calls[-1].state is CallState.INTENT
    assert deployment.quota.next_at[PAID] == latest + 1
    assert deployment.clock.now() <= latest
    deployment.check.prepare_takes_ms = 300
    deployment.settle()
    assert deployment.check.calls == 1


def test_a_slot_in_which_the_call_just_fits_into_the_run_is_taken(deployment: Deployment) -> None:
    """The control."""
    entry = deployment.ready()
    deployment.check.prepare_takes_ms = 40_000
    slot = deployment.quota.next_at[PAID] = deployment.clock.now() + 44_000

    deployment.run_check(entry, seconds=40 + 4 + 41)

    assert deployment.check.called_at == [slot]


def test_a_message_that_comes_while_a_run_waits_changes_nothing(deployment: Deployment) -> None:
    entry = deployment.ready()
    deployment.quota.next_at[PAID] = deployment.clock.now() + 90_000
    waiting = deployment.run_check(entry)
    deployment.steps.take()

    for _ in range(3):
        deployment.clock.advance(1000)
        assert deployment.run_check(entry) == waiting
    assert deployment.steps.requests == []


@pytest.mark.parametrize("code", ["RequestLimitExceeded", "RequestLimitExceeded.UinLimitExceeded"])
def test_a_call_that_the_vendor_throttles_slows_down_the_calls_and_is_made_again(
    deployment: Deployment, code: str
) -> None:
    deployment.check.script = [answer(None, error=code), answer()]
    entry = deployment.run_check(deployment.ready())

    assert deployment.quota.slowed == [PAID]
    assert entry.due_at == deployment.clock.now() + retries.SHORTEST_RETRY_MS
    deployment.settle()
    assert verdict_code(deployment.load(entry.id))[1] == "passed"
    assert [call.billable for call in deployment.load(entry.id).calls] == ["no", "yes"]


def test_another_failure_of_the_vendor_slows_down_nothing(deployment: Deployment) -> None:
    deployment.check.script = [answer(None, error="FailedOperation.DownLoadError"), answer()]
    deployment.check.prepare_fails = [VendorRefused("FailedOperation.DownLoadError", "r")]
    entry = deployment.ready()
    deployment.settle()

    deployment.run_check(entry)
    deployment.settle()

    assert deployment.quota.slowed == []
    assert verdict_code(deployment.load(entry.id))[1] == "passed"


def test_files_that_are_gone_from_the_bucket_are_asked_for_again_without_a_call(
    deployment: Deployment,
) -> None:
    entry = deployment.ready()
    deployment.bucket.objects.clear()
    after = deployment.run_check(entry)

    assert verdict_code(after) == (Decision.RESUBMIT, "uploads_gone")
    assert deployment.check.calls == 0


def test_without_enough_time_for_the_call_it_is_not_sent(deployment: Deployment) -> None:
    entry = deployment.ready()

    after = deployment.run_check(entry, seconds=35)

    assert deployment.check.calls == 0
    assert deployment.quota.reserved == {}
    assert after.status is Status.CHECKING
    assert after.calls[-1].state is CallState.INTENT
    assert after.due_at == deployment.clock.now() + retries.SHORTEST_RETRY_MS
    deployment.settle()
    assert verdict_code(deployment.load(entry.id))[1] == "passed"
    assert deployment.check.calls == 1


def test_a_run_whose_time_went_into_its_intent_brings_no_file_and_comes_back_soon(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = deployment.ready()
    save = deployment.records.save

    def slowly(verification: Verification, claim: IdempotencyClaim | None = None) -> Verification:
        saved = save(verification, claim)
        deployment.clock.advance(80_000)
        return saved

    with monkeypatch.context() as slow:
        slow.setattr(deployment.records, "save", slowly)
        deployment.run_check(entry)
        ended = deployment.clock.now()

    after = deployment.load(entry.id)
    assert (deployment.check.prepared, deployment.check.calls) == (0, 0)
    assert after.calls[-1].state is CallState.INTENT
    assert after.due_at == ended - 80_000 + retries.SHORTEST_RETRY_MS
    deployment.settle()
    assert verdict_code(deployment.load(entry.id))[1] == "passed"


def test_a_call_whose_ledger_was_written_too_late_for_the_run_is_not_made(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was made, its function was stopped before the answer came, and it was paid again."""
    entry = deployment.ready()
    deployment.check.prepare_takes_ms = 40_000
    save = deployment.records.save
    slow = [True]

    def slowly(verification: Verification, claim: IdempotencyClaim | None = None) -> Verification:
        last = verification.last_call
        if last is not None and last.state is CallState.CALLED and slow and slow.pop():
            deployment.clock.advance(9_000)
        return save(verification, claim)

    monkeypatch.setattr(deployment.records, "save", slowly)

    after = deployment.run_check(entry, seconds=84)

    (call,) = after.calls
    assert deployment.check.calls == 0
    assert (call.outcome, call.code, call.billable) == (CallOutcome.NOT_EXECUTED, "not_sent", "no")
    assert after.due_at == deployment.clock.now() + retries.SHORTEST_RETRY_MS
    assert deployment.steps.requests[-1].at == after.due_at
    deployment.check.prepare_takes_ms = 300
    deployment.settle()
    assert verdict_code(deployment.load(entry.id))[1] == "passed"
    assert deployment.check.calls == 1


@pytest.mark.parametrize(("left_ms", "calls"), [(36_000, 1), (35_999, 0)])
def test_a_late_call_leaves_as_long_as_six_seconds_are_left_beside_its_own(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, left_ms: int, calls: int
) -> None:
    """5 s to settle the call, 1 s to end."""
    entry = deployment.ready()
    deadline = deployment.clock.now() + 60_000
    save = deployment.records.save

    def slowly(verification: Verification, claim: IdempotencyClaim | None = None) -> Verification:
        last = verification.last_call
        if last is not None and last.state is CallState.CALLED:
            deployment.clock.sleep_until(deadline - left_ms)
        return save(verification, claim)

    monkeypatch.setattr(deployment.records, "save", slowly)

    deployment.run_check(entry, seconds=60)

    assert deployment.check.calls == calls


@pytest.mark.parametrize(("run_seconds", "preparing_seconds"), [(60, 19), (120, 40)])
def test_preparation_and_call_get_no_more_time_than_the_run_has_for_them(
    run_seconds: int, preparing_seconds: int
) -> None:
    """Of the run are 10 s for the slot, 10 s to settle the call, and 1 s to end."""
    deployment = Deployment(call_timeout_seconds=20)

    deployment.run_check(deployment.ready(), run_seconds)

    assert deployment.check.timeouts == [preparing_seconds, 20]
