"""A reason stands for a decision, and an unknown outcome of a call is never hidden."""

from __future__ import annotations

import pytest

from liveproof import facts, observability
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.states import Status, Step
from liveproof.domain.verification import Decision, Verification
from liveproof.observability import Event, Measure
from liveproof.ports import Conflict
from liveproof.use_cases.conclude import (
    conclude,
    publish_decision,
    reason_of_refusal,
    verdict_of,
    verdict_without_answer,
)
from liveproof.vendors.errors import OutcomeUnknown
from tests.support.checks import answer
from tests.support.deployment import Deployment
from tests.support.verifications import NOW, ready, settled


@pytest.mark.parametrize("reason", facts.reasons())
def test_a_reason_stands_for_its_decision_and_its_message(reason: str) -> None:
    verdict = verdict_of(reason, NOW, "Code", {"similarity": 1.5})

    assert verdict.decision is facts.reasons()[reason].decision
    assert verdict.reason.message == facts.reasons()[reason].message
    assert (verdict.reason.code, verdict.reason.vendor_code) == (reason, "Code")
    assert (verdict.decided_at, verdict.scores) == (NOW, {"similarity": 1.5})


def test_a_reason_that_is_not_in_the_data_is_an_error_of_the_code() -> None:
    with pytest.raises(KeyError):
        verdict_of("bad luck", NOW)


@pytest.mark.parametrize(
    ("verification", "reason"),
    [
        (ready(), "vendor_unavailable"),
        (settled(CallOutcome.NOT_EXECUTED), "vendor_unavailable"),
        (settled(CallOutcome.UNKNOWN), "call_outcome_unknown"),
        (settled(CallOutcome.ANSWERED), "vendor_unavailable"),
    ],
    ids=["no call", "not executed", "unknown", "answered"],
)
def test_an_unknown_outcome_is_the_reason_whatever_ended_the_verification(
    verification: Verification, reason: str
) -> None:
    assert verdict_without_answer(verification, "vendor_unavailable", NOW).reason.code == reason


def test_of_two_unknown_outcomes_the_code_is_that_of_the_last(deployment: Deployment) -> None:
    refusal = answer(None, None, error="InternalError")
    deployment.check.script = [OutcomeUnknown("timed out"), refusal]
    entry = deployment.ready()
    deployment.run_check(entry)

    deployment.settle()

    after = deployment.load(entry.id)
    assert after.verdict is not None
    assert (after.verdict.reason.code, after.verdict.reason.vendor_code) == (
        "call_outcome_unknown",
        "InternalError",
    )


@pytest.mark.parametrize("reason", facts.reasons())
def test_a_refusal_before_the_call_is_never_the_persons_to_mend(reason: str) -> None:
    reason_found = reason_of_refusal(reason)

    assert facts.reasons()[reason_found].decision is Decision.ERROR
    assert reason_found in (reason, "vendor_request")


def test_a_decision_is_saved_logged_counted_and_its_delivery_requested(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = deployment.create()
    counted: list[tuple[Measure, float, dict[str, str]]] = []
    recorded: list[tuple[Event, dict[str, object]]] = []
    monkeypatch.setattr(
        observability, "measure", lambda *measured, **of: counted.append((*measured, of))
    )
    monkeypatch.setattr(
        observability, "record", lambda event, **fields: recorded.append((event, fields))
    )
    conclude(deployment.dependencies, entry, verdict_of("uploads_expired", NOW))

    saved = deployment.load(entry.id)
    assert saved.status is Status.DECIDED
    assert counted == [(Measure.DECISIONS, 1, {"check": "reflect", "decision": "expired"})]
    assert recorded == [
        (
            Event.DECIDED,
            {
                "verification": entry.id,
                "decision": "expired",
                "reason": "uploads_expired",
                "vendor_code": None,
            },
        )
    ]
    assert [(one.step, one.id) for one in deployment.steps.take()] == [
        (Step.DELIVER_RESULT, entry.id)
    ]


def test_a_decision_that_comes_second_is_neither_counted_nor_delivered(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Measure] = []
    monkeypatch.setattr(observability, "measure", lambda measure, *_, **__: counted.append(measure))
    entry = deployment.create()
    conclude(deployment.dependencies, entry, verdict_of("uploads_expired", NOW))

    with pytest.raises(Conflict):
        conclude(deployment.dependencies, entry, verdict_of("not_finished", NOW))
    assert counted == [Measure.DECISIONS]
    assert len(deployment.steps.take()) == 1


def test_only_a_decision_is_published(deployment: Deployment) -> None:
    with pytest.raises(ValueError, match="decision"):
        publish_decision(deployment.dependencies, deployment.create())
