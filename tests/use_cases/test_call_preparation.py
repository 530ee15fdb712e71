"""The free requests before the paid call: failing costs nothing, and is never a person's fault."""

from __future__ import annotations

import pytest

from liveproof import observability
from liveproof.domain import lease, retries
from liveproof.domain.ledger import CallOutcome, CallState
from liveproof.domain.verification import Decision
from liveproof.observability import Metric
from liveproof.ports import SecretUnusable
from liveproof.vendors.errors import NotSent, OutcomeUnknown, RelayFailed, VendorRefused
from tests.support.checks import answer
from tests.support.deployment import HOUR_MS, Deployment, verdict_code


@pytest.mark.parametrize(
    "failure",
    [
        NotSent("refused"),
        OutcomeUnknown("timed out"),
        RelayFailed("the vendor's storage answered 503 to the upload"),
        VendorRefused("RequestLimitExceeded", "request-9"),
        VendorRefused("InternalError", "request-9"),
    ],
)
def test_a_failed_preparation_costs_nothing_and_is_repeated(
    deployment: Deployment, failure: Exception
) -> None:
    deployment.check.prepare_fails = [failure, failure]  # type: ignore[list-item]
    entry = deployment.ready()
    deployment.run_check(entry)
    waiting = deployment.load(entry.id)

    assert deployment.check.calls == 0
    assert waiting.calls[-1].state is CallState.INTENT
    deployment.settle()
    assert deployment.check.calls == 1
    assert verdict_code(deployment.load(entry.id))[1] == "passed"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("UnauthorizedOperation.Arrears", "vendor_account"),
        ("AuthFailure.SignatureFailure", "vendor_account"),
        ("UnsupportedRegion", "vendor_request"),
        ("InvalidParameterValue", "vendor_request"),
        ("FailedOperation.LivessDetectFake", "vendor_request"),
        ("Success", "vendor_answer_incomplete"),
        ("Never.Heard", "vendor_code_unknown"),
    ],
)
def test_a_vendor_that_refuses_the_preparation_never_tells_the_person_to_try_again(
    deployment: Deployment, code: str, reason: str
) -> None:
    deployment.check.prepare_fails = [VendorRefused(code, "request-9")]

    after = deployment.run_check(deployment.ready())

    assert deployment.check.calls == 0
    assert verdict_code(after) == (Decision.ERROR, reason)


@pytest.mark.parametrize(
    ("code", "alarms"),
    [
        ("UnsupportedRegion", {Metric.VENDOR_ALERT}),
        ("Never.Heard", {Metric.VENDOR_ALERT, Metric.UNKNOWN_VENDOR_CODE}),
    ],
)
def test_a_refused_preparation_raises_the_alarm_and_an_unknown_code_another(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, code: str, alarms: set[Metric]
) -> None:
    counted: list[Metric] = []
    entry = deployment.ready()
    monkeypatch.setattr(observability, "count", counted.append)
    deployment.check.prepare_fails = [VendorRefused(code, "request-9")]

    deployment.run_check(entry)

    assert set(counted) == alarms
    assert len(counted) == len(alarms)


def test_a_vendor_that_stays_away_for_an_hour_of_tries_is_an_error_without_a_call(
    deployment: Deployment,
) -> None:
    deployment.check.prepare_fails = [RelayFailed("away")] * 500
    entry = deployment.ready()
    began = deployment.clock.now()
    deployment.run_check(entry)
    deployment.settle()

    assert verdict_code(deployment.load(entry.id)) == (Decision.ERROR, "vendor_unavailable")
    assert deployment.check.calls == 0
    assert HOUR_MS < deployment.clock.now() - began < 1.2 * HOUR_MS
    assert deployment.check.prepared == retries.VENDOR_FAILURES


def test_a_vendor_key_that_cannot_be_read_leaves_the_verification_due(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unusable(*_: object) -> None:
        raise SecretUnusable("secret vendor-key: it has no value yet")

    monkeypatch.setattr(deployment.check, "prepare", unusable)
    entry = deployment.ready()
    deadline = deployment.clock.now() + 120_000

    with pytest.raises(SecretUnusable):
        deployment.run_check(entry)

    after = deployment.load(entry.id)
    assert after.due_at == deadline + lease.LEASE_MARGIN_MS
    assert after.calls[-1].state is CallState.INTENT


def test_a_vendor_key_lost_before_the_slot_leaves_the_ledger_as_it_was_and_a_later_run_calls(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unusable(seconds: float) -> None:
        raise SecretUnusable("secret vendor-key: it has no value yet")

    entry = deployment.ready()
    with monkeypatch.context() as lost:
        lost.setattr(deployment.check, "connect", unusable)
        with pytest.raises(SecretUnusable):  # so that the function's failure is seen
            deployment.run_check(entry)
    waiting, failed_at = deployment.load(entry.id), deployment.clock.now()
    deployment.settle()

    assert (waiting.vendor_failures, waiting.calls[-1].state) == (0, CallState.INTENT)
    assert waiting.due_at == failed_at + retries.LONGEST_RETRY_MS
    assert deployment.check.calls == 1
    assert deployment.load(entry.id).calls[-1].outcome is CallOutcome.ANSWERED


def test_a_vendor_key_lost_just_before_sending_is_no_unknown_outcome(
    deployment: Deployment,
) -> None:
    deployment.check.script = [SecretUnusable("secret vendor-key: it has no value yet"), answer()]
    entry = deployment.ready()
    with pytest.raises(SecretUnusable):  # so that the function's failure is seen
        deployment.run_check(entry)
    waiting, failed_at = deployment.load(entry.id), deployment.clock.now()
    deployment.settle()

    assert waiting.vendor_failures == 0
    assert waiting.due_at == failed_at + retries.LONGEST_RETRY_MS
    outcomes = [call.outcome for call in deployment.load(entry.id).calls]
    assert outcomes == [CallOutcome.NOT_EXECUTED, CallOutcome.ANSWERED]
