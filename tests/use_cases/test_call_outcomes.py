"""Calls without a verdict: repeated if they cost nothing, once if nobody knows, held by policy."""

from __future__ import annotations

import dataclasses

import pytest

from liveproof import observability
from liveproof.domain import next_move
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision
from liveproof.observability import Event
from liveproof.vendors.errors import (
    NotSent,
    OutcomeUnknown,
    RelayFailed,
    VendorError,
    VendorRefused,
)
from tests.support.checks import Scripted, answer
from tests.support.crash_points import Killed
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
def test_a_free_failure_is_retried_until_it_is_answered(deployment: Deployment, code: str) -> None:
    deployment.check.script = [answer(None, None, error=code), answer(code), answer()]
    entry = deployment.ready()
    deployment.run_check(entry)
    waiting = deployment.load(entry.id)

    assert waiting.status is Status.CHECKING
    assert waiting.due_at is not None
    assert waiting.due_at > deployment.clock.now()
    assert deployment.steps.requests[-1].at == waiting.due_at
    deployment.settle()
    after = deployment.load(entry.id)
    assert verdict_code(after)[1] == "passed"
    assert [call.outcome for call in after.calls] == [
        CallOutcome.NOT_EXECUTED,
        CallOutcome.NOT_EXECUTED,
        CallOutcome.ANSWERED,
    ]
    assert [call.billable for call in after.calls] == ["no", "no", "yes"]


@pytest.mark.parametrize("code", ["RequestLimitExceeded", "FailedOperation.LivessSystemError"])
def test_the_log_says_for_which_answer_a_call_is_put_off(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    reasons: list[object] = []

    def record(event: Event, **fields: object) -> None:
        if event is Event.CALL_POSTPONED:
            reasons.append(fields["why"])

    monkeypatch.setattr(observability, "record", record)
    deployment.check.script = [answer(code)]

    deployment.run_check(deployment.ready())

    assert reasons == [code]


@pytest.mark.parametrize(
    "code", ["InternalError", "FailedOperation.DownLoadTimeoutError", "ServiceUnavailable"]
)
def test_a_call_that_may_have_cost_is_repeated_once_only(deployment: Deployment, code: str) -> None:
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


def test_a_fault_of_ours_in_the_call_leaves_an_unknown_outcome_at_once(
    deployment: Deployment,
) -> None:
    """Whatever it is, the call was open until its lease ended."""
    deployment.check.script = [RuntimeError("can't start new thread"), answer()]
    entry = deployment.ready()
    with pytest.raises(RuntimeError):
        deployment.run_check(entry)
    failed = deployment.load(entry.id)

    assert failed.last_call is not None
    assert (failed.last_call.outcome, failed.last_call.billable) == (CallOutcome.UNKNOWN, "unknown")
    deployment.settle()
    after = deployment.load(entry.id)
    assert [call.outcome for call in after.calls] == [CallOutcome.UNKNOWN, CallOutcome.ANSWERED]
    assert verdict_code(after)[1] == "passed"


def test_two_unknown_outcomes_are_an_error_and_end_the_calls(deployment: Deployment) -> None:
    deployment.check.script = [OutcomeUnknown("timed out")]
    entry = deployment.ready()
    deployment.run_check(entry)
    deployment.settle()

    assert deployment.check.calls == 2
    assert verdict_code(deployment.load(entry.id)) == (Decision.ERROR, "call_outcome_unknown")


def test_with_hold_an_unknown_outcome_waits_for_an_operator(
    deployment_with_hold: Deployment,
) -> None:
    deployment_with_hold.check.script = [OutcomeUnknown("timed out"), answer()]
    entry = deployment_with_hold.run_check(deployment_with_hold.ready())

    assert entry.status is Status.HELD
    assert deployment_with_hold.check.calls == 1
    assert entry.due_at == deployment_with_hold.clock.now() + next_move.HOLD_MS
    deployment_with_hold.clock.advance(5 * 60_000)
    deployment_with_hold.run_check(entry)
    assert deployment_with_hold.check.calls == 1


def test_a_hold_that_nobody_releases_becomes_an_error(deployment_with_hold: Deployment) -> None:
    deployment_with_hold.check.script = [OutcomeUnknown("timed out")]
    entry = deployment_with_hold.run_check(deployment_with_hold.ready())
    deployment_with_hold.clock.advance(next_move.HOLD_MS)
    deployment_with_hold.settle()

    assert deployment_with_hold.check.calls == 1
    assert verdict_code(deployment_with_hold.load(entry.id)) == (
        Decision.ERROR,
        "call_outcome_unknown",
    )


@pytest.mark.parametrize(
    "afterwards",
    [
        pytest.param([answer(None, None, error="RequestLimitExceeded")], id="not executed"),
        pytest.param([NotSent("refused")], id="not sent"),
    ],
)
def test_unknown_and_then_never_executed_stays_unknown(
    deployment: Deployment, afterwards: list[Scripted]
) -> None:
    """[unknown, not_executed x37] ended as vendor_unavailable, as if nothing could be paid."""
    deployment.check.script = [OutcomeUnknown("timed out"), *afterwards]
    entry = deployment.ready()
    deployment.run_check(entry)
    deployment.settle()
    after = deployment.load(entry.id)

    assert verdict_code(after) == (Decision.ERROR, "call_outcome_unknown")
    assert [call.outcome for call in after.calls][:2] == [
        CallOutcome.UNKNOWN,
        CallOutcome.NOT_EXECUTED,
    ]
    assert after.verdict is not None
    assert after.verdict.reason.vendor_code == "no_answer"


@pytest.mark.parametrize(
    "failure",
    [RelayFailed("away"), VendorRefused("UnauthorizedOperation.Arrears", "request-9"), None],
    ids=["out of reach", "refused for good", "files gone"],
)
def test_unknown_and_then_no_way_to_the_vendor_stays_unknown(
    deployment: Deployment, failure: VendorError | None
) -> None:
    deployment.check.script = [OutcomeUnknown("timed out"), answer()]
    entry = deployment.ready()
    deployment.run_check(entry)
    if failure is None:
        deployment.bucket.objects.clear()
    else:
        deployment.check.prepare_fails = [failure] * 100
    deployment.settle()

    assert verdict_code(deployment.load(entry.id)) == (Decision.ERROR, "call_outcome_unknown")
    assert deployment.check.calls == 1


@pytest.mark.parametrize("sent", [False, True], ids=["after an unknown outcome", "while it is out"])
def test_unknown_and_then_switched_off_stays_unknown_and_the_ledger_is_settled(
    deployment: Deployment, sent: bool
) -> None:
    deployment.check.script = [OutcomeUnknown("timed out"), answer()]
    entry = deployment.ready()
    if sent:
        deployment.check.during_call = killed
        deployment.survive(lambda: deployment.run_check(entry))
    else:
        deployment.run_check(entry)
    deployment.dependencies = dataclasses.replace(deployment.dependencies, checks={})
    deployment.settle()
    after = deployment.load(entry.id)

    assert verdict_code(after) == (Decision.ERROR, "call_outcome_unknown")
    assert [call.outcome for call in after.calls] == [CallOutcome.UNKNOWN]


def test_without_an_unknown_outcome_the_same_endings_have_their_own_reasons(
    deployment: Deployment,
) -> None:
    """The control of the three above."""
    entries = []
    for failure in (RelayFailed("away"), VendorRefused("UnauthorizedOperation.Arrears", None)):
        deployment.clock.advance(1000)
        entries.append(deployment.ready())
        deployment.check.prepare_fails = [failure] * 100
        deployment.run_check(entries[-1])
        deployment.settle()
    off = deployment.ready()
    deployment.dependencies = dataclasses.replace(deployment.dependencies, checks={})
    deployment.settle()

    assert [verdict_code(deployment.load(one.id))[1] for one in (*entries, off)] == [
        "vendor_unavailable",
        "vendor_account",
        "check_switched_off",
    ]


def test_an_hour_in_which_nothing_of_ours_ran_is_not_held_against_the_vendor(
    deployment: Deployment,
) -> None:
    """Killed after the intent, no sweep for an hour: error/vendor_unavailable with no request."""
    entry = deployment.ready()
    deployment.check.prepare_fails = []
    prepare = deployment.check.prepare
    deployment.check.prepare = killed  # type: ignore[method-assign, assignment]
    deployment.survive(lambda: deployment.run_check(entry))
    deployment.check.prepare = prepare  # type: ignore[method-assign]
    deployment.clock.advance(5 * HOUR_MS)
    deployment.settle()

    assert verdict_code(deployment.load(entry.id))[1] == "passed"


def test_an_outage_of_ours_between_two_failures_leaves_the_vendor_its_tries(
    deployment: Deployment,
) -> None:
    deployment.check.prepare_fails = [RelayFailed("away"), RelayFailed("away")]
    entry = deployment.ready()
    deployment.run_check(entry)
    deployment.clock.advance(5 * HOUR_MS)
    deployment.settle()
    after = deployment.load(entry.id)

    assert verdict_code(after)[1] == "passed"
    assert after.vendor_failures == 2


def killed(*_: object) -> None:
    raise Killed("here")
