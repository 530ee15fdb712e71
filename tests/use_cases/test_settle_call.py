"""The outcome of a paid call is saved even if the store refuses for a while."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from liveproof import observability
from liveproof.domain.ledger import CallOutcome, CallState, Settlement
from liveproof.domain.states import Step
from liveproof.domain.verification import Verification
from liveproof.observability import Event
from liveproof.ports import Conflict
from liveproof.use_cases.request_erasure import request_erasure
from liveproof.use_cases.settle_call import settle_call
from tests.support.deployment import CLIENT, Deployment, verdict_code
from tests.support.verifications import called

ANSWERED = Settlement(CallOutcome.ANSWERED, billable="yes", code="Success", score=96.0)
SECONDS = 60_000


class Throttled(Exception):
    """The store's."""


class Refusing:
    """Makes `records.save` of settled calls raise a number of times.

    Attributes:
        at: when it was asked (ms).
        saves_first: the write takes effect, and its answer is lost.
    """

    def __init__(self, deployment: Deployment, times: int, *, saves_first: bool = False) -> None:
        self.at: list[int] = []
        self._deployment = deployment
        self._times = times
        self._saves_first = saves_first
        self._save = deployment.records.save

    def __call__(self, verification: Verification, *rest: Any) -> Verification:
        last = verification.last_call
        if last is None or last.state is not CallState.SETTLED:
            return self._save(verification, *rest)
        stored = self._deployment.load(verification.id).last_call
        if stored is not None and stored.state is CallState.SETTLED:
            return self._save(verification, *rest)
        self.at.append(self._deployment.clock.now())
        if len(self.at) > self._times:
            return self._save(verification, *rest)
        if self._saves_first and len(self.at) == 1:
            self._save(verification, *rest)
        raise Throttled


def refuse(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, times: int, **changes: bool
) -> Refusing:
    refusing = Refusing(deployment, times, **changes)
    monkeypatch.setattr(deployment.records, "save", refusing)
    return refusing


def sent(deployment: Deployment) -> Verification:
    """A verification whose call was sent, as stored."""
    return deployment.records.save(called())


@pytest.mark.parametrize("times", [1, 3, 20])
def test_a_throttled_settlement_is_saved_later_and_decides(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    verification = deployment.ready()
    refusing = refuse(deployment, monkeypatch, times)

    after = deployment.run_check(verification)

    assert verdict_code(after) == ("passed", "passed")
    assert [call.outcome for call in after.calls] == [CallOutcome.ANSWERED]
    assert len(refusing.at) == times + 1
    assert deployment.check.calls == 1


def test_the_pauses_double_up_to_two_seconds_and_are_random(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    verification = sent(deployment)
    refusing = refuse(deployment, monkeypatch, 9)
    now = deployment.clock.now()

    settle_call(deployment.dependencies, verification, ANSWERED, now + SECONDS)

    pauses = [after - before for before, after in zip(refusing.at, refusing.at[1:], strict=False)]
    longest = [100, 200, 400, 800, 1600, 2000, 2000, 2000, 2000]
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, longest, strict=True))
    assert len(set(pauses[-4:])) > 1


def test_the_last_try_comes_before_the_function_is_stopped(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    verification = sent(deployment)
    refusing = refuse(deployment, monkeypatch, 1_000)
    deadline = deployment.clock.now() + SECONDS

    with pytest.raises(Throttled):
        settle_call(deployment.dependencies, verification, ANSWERED, deadline)

    assert deadline - 4_000 < refusing.at[-1] <= deadline - 1_000
    assert deployment.load(verification.id) == verification


def test_a_settlement_whose_answer_was_lost_is_no_conflict(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    verification = sent(deployment)
    refuse(deployment, monkeypatch, 1, saves_first=True)
    now = deployment.clock.now()

    saved = settle_call(deployment.dependencies, verification, ANSWERED, now + SECONDS)

    assert saved == deployment.load(verification.id)
    assert saved.version == verification.version + 1
    assert saved.last_call is not None
    assert saved.last_call.outcome is CallOutcome.ANSWERED


def test_a_conflict_is_not_retried(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    verification = sent(deployment)
    deployment.records.save(replace(verification, reference="another"))
    refusing = refuse(deployment, monkeypatch, 0)
    now = deployment.clock.now()

    with pytest.raises(Conflict):
        settle_call(deployment.dependencies, verification, ANSWERED, now + SECONDS)
    assert len(refusing.at) == 1


def test_another_change_after_a_failed_try_is_a_conflict(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    verification = sent(deployment)
    deployment.records.save(replace(verification, reference="another"))
    refusing = refuse(deployment, monkeypatch, 1)
    now = deployment.clock.now()

    with pytest.raises(Conflict):
        settle_call(deployment.dependencies, verification, ANSWERED, now + SECONDS)
    assert len(refusing.at) == 2


@pytest.mark.parametrize(("conflicts", "is_recorded"), [(4, True), (5, False)])
def test_of_a_verification_that_is_being_erased_an_outcome_is_recorded_in_five_tries(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, conflicts: int, is_recorded: bool
) -> None:
    lines: list[Event] = []
    monkeypatch.setattr(observability, "record", lambda event, **_: lines.append(event))
    verification = sent(deployment)
    request_erasure(deployment.dependencies, CLIENT, verification.id)
    deployment.steps.take()
    deployment.records.conflicts_to_come = 1 + conflicts
    now = deployment.clock.now()

    with pytest.raises(Conflict):
        settle_call(deployment.dependencies, verification, ANSWERED, now + SECONDS)

    last = deployment.load(verification.id).calls[-1]
    assert (last.outcome is CallOutcome.ANSWERED) == is_recorded
    assert (Event.CALL_SETTLED in lines) == is_recorded
    assert [one.step for one in deployment.steps.requests] == [Step.ERASE] * is_recorded
    assert deployment.records.conflicts_to_come == 0


@pytest.mark.parametrize("met", ["the record is gone", "another change"])
def test_an_outcome_that_is_not_recorded_is_not_logged_as_settled(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, met: str
) -> None:
    """The log has the bills: its calls are those of the ledgers."""
    lines: list[Event] = []
    monkeypatch.setattr(observability, "record", lambda event, **_: lines.append(event))
    verification = sent(deployment)
    if met == "another change":
        deployment.records.save(replace(verification, reference="another"))
    else:
        deployment.records.stored.clear()

    with pytest.raises(Conflict):
        settle_call(
            deployment.dependencies, verification, ANSWERED, deployment.clock.now() + SECONDS
        )

    assert lines == []
    assert deployment.steps.requests == []


def test_an_outcome_is_saved_when_no_decision_can_be_made_of_it(deployment: Deployment) -> None:
    verification = sent(deployment)
    deadline = deployment.clock.now() + SECONDS

    def fail(settled: Verification) -> Verification:
        raise Throttled

    with pytest.raises(Throttled):
        settle_call(deployment.dependencies, verification, ANSWERED, deadline, fail)

    stored = deployment.load(verification.id)
    assert stored.calls[-1].outcome is CallOutcome.ANSWERED
    assert stored.verdict is None
