"""What an operator does to a verification, and what the deployment makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from liveproof.domain import retries
from liveproof.domain.audit import first_fault, interventions
from liveproof.domain.hash_chain import MOST_ENTRIES
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.next_move import HOLD_MS
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision, InterventionKind, Verification
from liveproof.ports import Conflict, RecordUnreadable
from liveproof.vendors.errors import (
    OutcomeUnknown,
    RelayFailed,
)
from liveproof_cli.errors import CannotBeDone
from liveproof_cli.listing import unfinished
from liveproof_cli.operations import CallResult, Operations, Operator
from tests.support.checks import answer
from tests.support.deployment import HOUR_MS, Deployment, verdict_code

WHY = Operator("ana@host", "the bill has no such request")


def operations(deployment: Deployment) -> Operations:
    return Operations(deployment.records, deployment.clock, WHY)


def held_ids(deployment: Deployment) -> list[str]:
    return [entry.id for entry in unfinished(deployment.records, Status.HELD)]


def after_an_unknown_call(deployment: Deployment) -> Verification:
    """A verification that is held by policy; another call would be answered."""
    deployment.check.script = [OutcomeUnknown("timed out"), answer()]
    return deployment.run_check(deployment.ready())


# -- release ----------------------------------------------------------------------------------


def test_a_released_verification_is_called_again_once(deployment_with_hold: Deployment) -> None:
    entry = after_an_unknown_call(deployment_with_hold)
    assert held_ids(deployment_with_hold) == [entry.id]
    deployment_with_hold.clock.advance(60_000)

    released = operations(deployment_with_hold).release(entry.id)
    deployment_with_hold.settle()

    assert released.status is Status.CHECKING
    assert deployment_with_hold.check.calls == 2
    assert verdict_code(deployment_with_hold.load(entry.id))[1] == "passed"
    assert held_ids(deployment_with_hold) == []


def test_a_release_many_hours_after_the_uploads_still_makes_its_call(
    deployment_with_hold: Deployment,
) -> None:
    entry = after_an_unknown_call(deployment_with_hold)
    deployment_with_hold.clock.advance(20 * HOUR_MS)

    operations(deployment_with_hold).release(entry.id)
    deployment_with_hold.settle()

    assert deployment_with_hold.check.calls == 2
    assert verdict_code(deployment_with_hold.load(entry.id))[1] == "passed"


def test_a_released_call_with_an_unknown_outcome_is_an_error_not_another_hold(
    deployment_with_hold: Deployment,
) -> None:
    deployment_with_hold.check.script = [OutcomeUnknown("timed out")]
    entry = deployment_with_hold.run_check(deployment_with_hold.ready())
    operations(deployment_with_hold).release(entry.id)
    deployment_with_hold.settle()

    assert deployment_with_hold.check.calls == 2
    assert verdict_code(deployment_with_hold.load(entry.id)) == (
        Decision.ERROR,
        "call_outcome_unknown",
    )


def test_a_release_gives_the_vendor_all_its_tries_again(deployment_with_hold: Deployment) -> None:
    deployment_with_hold.check.script = [OutcomeUnknown("timed out"), answer()]
    deployment_with_hold.check.prepare_fails = [RelayFailed("away")] * (retries.VENDOR_FAILURES - 1)
    entry = deployment_with_hold.ready()
    deployment_with_hold.run_check(entry)
    while deployment_with_hold.load(entry.id).status is not Status.HELD:
        deployment_with_hold.clock.sleep_until(deployment_with_hold.load(entry.id).due_at or 0)
        deployment_with_hold.run_check(entry)
    deployment_with_hold.steps.take()
    deployment_with_hold.check.prepare_fails = [RelayFailed("away")] * (retries.VENDOR_FAILURES - 1)
    operations(deployment_with_hold).release(entry.id)
    deployment_with_hold.settle()

    assert verdict_code(deployment_with_hold.load(entry.id))[1] == "passed"


def test_a_held_record_that_cannot_be_read_hides_no_other(deployment_with_hold: Deployment) -> None:
    deployment_with_hold.check.script = [OutcomeUnknown("timed out")]
    held = []
    for _ in range(3):
        deployment_with_hold.clock.advance(1000)
        held.append(deployment_with_hold.run_check(deployment_with_hold.ready()).id)
    deployment_with_hold.records.stored[held[0]] = b"{"
    listed = unfinished(deployment_with_hold.records, Status.HELD)

    assert [next(listed).id, next(listed).id] == held[1:]
    with pytest.raises(RecordUnreadable, match=held[0]):
        next(listed)


def test_a_record_released_or_deleted_during_the_listing_is_not_in_it(
    deployment_with_hold: Deployment,
) -> None:
    deployment_with_hold.check.script = [OutcomeUnknown("timed out")]
    held = []
    for _ in range(3):
        deployment_with_hold.clock.advance(1000)
        held.append(deployment_with_hold.run_check(deployment_with_hold.ready()).id)
    listed = unfinished(deployment_with_hold.records, Status.HELD)
    assert next(listed).id == held[0]
    operations(deployment_with_hold).release(held[1])
    del deployment_with_hold.records.stored[held[2]]

    assert list(listed) == []


def test_only_a_held_verification_can_be_released(deployment: Deployment) -> None:
    entry = deployment.ready()

    with pytest.raises(CannotBeDone, match="is not held: it is ready"):
        operations(deployment).release(entry.id)
    with pytest.raises(CannotBeDone, match="no verification"):
        operations(deployment).release("ver_" + "0" * 26)


# -- hold -------------------------------------------------------------------------------------


def test_a_verification_that_an_operator_holds_makes_no_call_until_its_release(
    deployment: Deployment,
) -> None:
    entry = deployment.ready()

    held = operations(deployment).hold(entry.id, HOUR_MS)
    deployment.clock.advance(HOUR_MS // 2)
    deployment.run_check(entry)
    assert deployment.check.calls == 0
    assert held_ids(deployment) == [entry.id]
    released = operations(deployment).release(entry.id)
    deployment.settle()

    assert (held.status, released.status) == (Status.HELD, Status.READY)
    assert deployment.check.calls == 1
    assert verdict_code(deployment.load(entry.id))[1] == "passed"


def test_a_hold_without_a_call_that_nobody_releases_ends_without_one(
    deployment: Deployment,
) -> None:
    entry = deployment.ready()
    operations(deployment).hold(entry.id, HOUR_MS)
    deployment.clock.advance(HOUR_MS + 1)
    deployment.settle()

    assert deployment.check.calls == 0
    assert verdict_code(deployment.load(entry.id)) == (Decision.ERROR, "not_finished")


def test_a_release_before_any_call_leaves_the_policy_its_word(
    deployment_with_hold: Deployment,
) -> None:
    entry = deployment_with_hold.ready()
    operations(deployment_with_hold).hold(entry.id, HOUR_MS)
    operations(deployment_with_hold).release(entry.id)
    deployment_with_hold.check.script = [OutcomeUnknown("timed out"), answer()]
    deployment_with_hold.run_check(entry)

    assert deployment_with_hold.check.calls == 1
    assert held_ids(deployment_with_hold) == [entry.id]


def test_a_function_that_was_about_to_call_loses_to_the_hold(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are at the vendor, and the function has not yet recorded that it calls."""
    entry = deployment.ready()

    def prepare(*arguments: Any) -> dict[str, Any]:
        operations(deployment).hold(entry.id, HOUR_MS)
        return type(deployment.check).prepare(deployment.check, *arguments)

    monkeypatch.setattr(deployment.check, "prepare", prepare)
    deployment.run_check(entry)

    assert deployment.check.calls == 0
    assert deployment.load(entry.id).status is Status.HELD


def test_a_hold_can_be_made_longer(deployment_with_hold: Deployment) -> None:
    entry = after_an_unknown_call(deployment_with_hold)
    now = deployment_with_hold.clock.now()

    assert operations(deployment_with_hold).hold(entry.id, 3 * HOLD_MS).due_at == now + 3 * HOLD_MS


def test_a_verification_in_flight_or_finished_cannot_be_held(deployment: Deployment) -> None:
    entry = deployment.create()
    with pytest.raises(CannotBeDone, match="awaiting_upload"):
        operations(deployment).hold(entry.id, HOUR_MS)
    ready = deployment.ready()
    refused: list[str] = []

    def hold_now() -> None:
        with pytest.raises(CannotBeDone) as error:
            operations(deployment).hold(ready.id, HOUR_MS)
        refused.append(str(error.value))

    deployment.check.during_call = hold_now
    deployment.run_check(ready)
    assert "under way" in refused[0]
    assert verdict_code(deployment.load(ready.id))[1] == "passed"
    with pytest.raises(CannotBeDone, match="decided"):
        operations(deployment).hold(ready.id, HOUR_MS)


# -- settle -----------------------------------------------------------------------------------


def test_a_call_that_was_not_executed_is_made_after_all(deployment_with_hold: Deployment) -> None:
    entry = after_an_unknown_call(deployment_with_hold)

    operations(deployment_with_hold).settle(entry.id, CallResult.NOT_EXECUTED)
    deployment_with_hold.settle()

    decided = deployment_with_hold.load(entry.id)
    assert verdict_code(decided)[1] == "passed"
    assert [(call.outcome, call.billable) for call in decided.calls] == [
        (CallOutcome.NOT_EXECUTED, "no"),
        (CallOutcome.ANSWERED, "yes"),
    ]
    assert decided.released_at is None


def test_a_call_that_was_not_executed_is_no_repeat_to_the_policy(
    deployment_with_hold: Deployment,
) -> None:
    deployment_with_hold.check.script = [OutcomeUnknown("timed out")]
    entry = deployment_with_hold.run_check(deployment_with_hold.ready())
    operations(deployment_with_hold).settle(entry.id, CallResult.NOT_EXECUTED)
    deployment_with_hold.run_check(entry)

    assert deployment_with_hold.check.calls == 2
    assert held_ids(deployment_with_hold) == [entry.id]


@pytest.mark.parametrize(
    ("result", "billable"), [(CallResult.BILLED, "yes"), (CallResult.UNKNOWN, "unknown")]
)
def test_a_call_whose_answer_is_lost_ends_the_verification_and_its_webhook_is_sent(
    deployment_with_hold: Deployment, result: CallResult, billable: str
) -> None:
    entry = after_an_unknown_call(deployment_with_hold)

    operations(deployment_with_hold).settle(entry.id, result)
    deployment_with_hold.settle()

    decided = deployment_with_hold.load(entry.id)
    assert verdict_code(decided) == (Decision.ERROR, "call_outcome_unknown")
    assert deployment_with_hold.check.calls == 1
    assert [call.billable for call in decided.calls] == [billable]
    assert decided.delivery is not None
    assert decided.delivery.state.value == "delivered"


def test_only_a_hold_for_an_unknown_outcome_can_be_settled(deployment: Deployment) -> None:
    entry = deployment.ready()
    with pytest.raises(CannotBeDone, match="not held"):
        operations(deployment).settle(entry.id, CallResult.BILLED)
    operations(deployment).hold(entry.id, HOUR_MS)
    with pytest.raises(CannotBeDone, match="no outcome of a call is unknown"):
        operations(deployment).settle(entry.id, CallResult.BILLED)


# -- resend -----------------------------------------------------------------------------------


def test_a_decision_is_sent_again(deployment: Deployment) -> None:
    entry = deployment.ready()
    with pytest.raises(CannotBeDone, match="no decision"):
        operations(deployment).resend(entry.id)
    deployment.run_check(entry)
    deployment.settle()
    before = len(deployment.endpoint.delivered)

    operations(deployment).resend(entry.id)
    deployment.clock.advance(60_000)
    deployment.settle()

    assert len(deployment.endpoint.delivered) == before + 1
    sent = deployment.load(entry.id)
    assert sent.delivery is not None
    assert (sent.delivery.number, sent.delivery.state.value) == (2, "delivered")
    assert sent.due_at is None


# -- what the record keeps --------------------------------------------------------------------


def test_every_intervention_says_when_who_and_why(deployment_with_hold: Deployment) -> None:
    entry = after_an_unknown_call(deployment_with_hold)
    work = operations(deployment_with_hold)
    work.hold(entry.id, HOUR_MS)
    deployment_with_hold.clock.advance(5_000)
    work.settle(entry.id, CallResult.BILLED)

    hold, settle = interventions(deployment_with_hold.load(entry.id))
    assert (hold.kind, settle.kind) == (InterventionKind.HOLD, InterventionKind.SETTLE)
    assert settle.at == hold.at + 5_000
    assert {(one.by, one.why) for one in (hold, settle)} == {(WHY.by, WHY.why)}
    assert (hold.outcome, settle.outcome) == (None, "billed")


def test_a_record_keeps_the_first_and_the_latest_interventions(
    deployment_with_hold: Deployment,
) -> None:
    entry = after_an_unknown_call(deployment_with_hold)
    work = operations(deployment_with_hold)
    made = []
    for hours in range(1, MOST_ENTRIES + 1):
        deployment_with_hold.clock.advance(1)
        made.append(interventions(work.hold(entry.id, hours))[-1])

    stored = deployment_with_hold.load(entry.id)
    kept = interventions(stored)
    assert kept[0] == made[0]
    assert list(kept[-40:]) == made[-40:]
    assert len(stored.audit.entries) == MOST_ENTRIES
    assert first_fault(stored) is None


def test_an_intervention_that_comes_second_is_refused(deployment_with_hold: Deployment) -> None:
    entry = after_an_unknown_call(deployment_with_hold)
    stored = deployment_with_hold.load(entry.id)
    operations(deployment_with_hold).release(entry.id)

    with pytest.raises(Conflict):
        deployment_with_hold.records.save(replace(stored, due_at=0))
