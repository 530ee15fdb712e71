"""Calls without a verdict: repeated if they cost nothing, once if nobody knows, held by policy."""

from __future__ import annotations

import pytest

from liveproof.domain.states import Status
from liveproof.domain.verification import CallOutcome, Decision
from liveproof.use_cases import check_run
from liveproof.use_cases.release_held import NotHeld, held_verifications, release
from liveproof.vendors.errors import NotSent, OutcomeUnknown
from tests.support.checks import answer
from tests.support.deployment import HOUR_MS, Deployment, verdict_code


@pytest.mark.parametrize(
    "code",
    [
        "RequestLimitExceeded",
        "RequestLimitExceeded.UinLimitExceeded",
        "FailedOperation.LivessSystemError",
        "FailedOperation.DownLoadError",
    ],
)
def test_what_costs_nothing_is_repeated_until_it_is_answered(
    deployment: Deployment, code: str
) -> None:
    deployment.check.script = [answer(None, None, error=code), answer(code), answer()]
    entry = deployment.ready()
    deployment.run_check(entry)
    waiting = deployment.load(entry.id)

    assert waiting.status is Status.CHECKING
    assert waiting.due_at is not None
    assert waiting.due_at > deployment.clock.now()
    assert deployment.steps.asked[-1].at == waiting.due_at
    deployment.settle()
    after = deployment.load(entry.id)
    assert verdict_code(after)[1] == "passed"
    assert [call.outcome for call in after.calls] == [
        CallOutcome.NOT_EXECUTED,
        CallOutcome.NOT_EXECUTED,
        CallOutcome.ANSWERED,
    ]
    assert [call.billable for call in after.calls] == ["no", "no", "yes"]


@pytest.mark.parametrize(
    "code", ["InternalError", "FailedOperation.DownLoadTimeoutError", "ServiceUnavailable"]
)
def test_what_may_have_cost_is_repeated_once_only(deployment: Deployment, code: str) -> None:
    deployment.check.script = [answer(None, None, error=code)]
    entry = deployment.ready()
    deployment.run_check(entry)
    deployment.settle()
    after = deployment.load(entry.id)

    assert deployment.check.calls == 2
    assert verdict_code(after) == (Decision.ERROR, "call_outcome_unknown")
    assert [call.outcome for call in after.calls] == [CallOutcome.UNKNOWN] * 2


def test_a_request_that_never_left_is_made_again(deployment: Deployment) -> None:
    deployment.check.script = [NotSent("refused"), answer()]
    entry = deployment.ready()
    deployment.run_check(entry)
    deployment.settle()
    after = deployment.load(entry.id)

    assert verdict_code(after)[1] == "passed"
    assert after.calls[0].outcome is CallOutcome.NOT_EXECUTED
    assert after.calls[0].billable == "no"


def test_an_unknown_outcome_is_called_again_exactly_once_and_both_are_recorded(
    deployment: Deployment,
) -> None:
    deployment.check.script = [OutcomeUnknown("timed out"), answer()]
    entry = deployment.ready()
    deployment.run_check(entry)
    deployment.settle()
    after = deployment.load(entry.id)

    assert deployment.check.calls == 2
    assert verdict_code(after)[1] == "passed"
    assert [call.outcome for call in after.calls] == [CallOutcome.UNKNOWN, CallOutcome.ANSWERED]
    assert [call.number for call in after.calls] == [1, 2]
    assert after.calls[0].billable == "unknown"


def test_two_unknown_outcomes_are_an_error_and_end_the_calls(deployment: Deployment) -> None:
    deployment.check.script = [OutcomeUnknown("timed out")]
    entry = deployment.ready()
    deployment.run_check(entry)
    deployment.settle()

    assert deployment.check.calls == 2
    assert verdict_code(deployment.load(entry.id)) == (Decision.ERROR, "call_outcome_unknown")


def test_with_hold_an_unknown_outcome_waits_for_an_operator(holding: Deployment) -> None:
    holding.check.script = [OutcomeUnknown("timed out"), answer()]
    entry = holding.run_check(holding.ready())

    assert entry.status is Status.HELD
    assert holding.check.calls == 1
    assert entry.due_at == holding.clock.now() + check_run.HOLD_MS
    assert [one.id for one in held_verifications(holding.records)] == [entry.id]
    holding.clock.advance(5 * 60_000)
    holding.run_check(entry)
    assert holding.check.calls == 1


def test_a_released_verification_is_called_again_once(holding: Deployment) -> None:
    holding.check.script = [OutcomeUnknown("timed out"), answer()]
    entry = holding.run_check(holding.ready())
    holding.clock.advance(60_000)

    released = release(holding.records, holding.clock, entry.id)
    holding.settle()

    assert released.status is Status.CHECKING
    assert holding.check.calls == 2
    assert verdict_code(holding.load(entry.id))[1] == "passed"
    assert list(held_verifications(holding.records)) == []


def test_a_release_many_hours_after_the_uploads_still_makes_its_call(holding: Deployment) -> None:
    holding.check.script = [OutcomeUnknown("timed out"), answer()]
    entry = holding.run_check(holding.ready())
    holding.clock.advance(20 * HOUR_MS)

    release(holding.records, holding.clock, entry.id)
    holding.settle()

    assert holding.check.calls == 2
    assert verdict_code(holding.load(entry.id))[1] == "passed"


def test_a_released_call_with_an_unknown_outcome_is_an_error_not_another_hold(
    holding: Deployment,
) -> None:
    holding.check.script = [OutcomeUnknown("timed out")]
    entry = holding.run_check(holding.ready())
    release(holding.records, holding.clock, entry.id)
    holding.settle()

    assert holding.check.calls == 2
    assert verdict_code(holding.load(entry.id)) == (Decision.ERROR, "call_outcome_unknown")


def test_a_hold_that_nobody_releases_becomes_an_error(holding: Deployment) -> None:
    holding.check.script = [OutcomeUnknown("timed out")]
    entry = holding.run_check(holding.ready())
    holding.clock.advance(check_run.HOLD_MS)
    holding.settle()

    assert holding.check.calls == 1
    assert verdict_code(holding.load(entry.id)) == (Decision.ERROR, "call_outcome_unknown")


def test_what_is_not_held_cannot_be_released(deployment: Deployment) -> None:
    entry = deployment.ready()

    with pytest.raises(NotHeld, match=entry.id):
        release(deployment.records, deployment.clock, entry.id)
    with pytest.raises(NotHeld):
        release(deployment.records, deployment.clock, "ver_" + "0" * 26)
