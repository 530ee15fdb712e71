"""Whatever order the changes of a verification come in, the invariants hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from liveproof.domain import delivery_transitions, interventions, lifecycle
from liveproof.domain.audit import CLIENT
from liveproof.domain.ledger import CallOutcome, CallState, Settlement
from liveproof.domain.lifecycle import CallNotAllowed
from liveproof.domain.states import ForbiddenTransition, Status
from liveproof.domain.verification import (
    Attempt,
    Decision,
    DeliveryState,
    InputState,
    Verdict,
    Verification,
)
from tests.support.verifications import (
    NOW,
    PROOF,
    called,
    ready,
    settled,
    verdict,
    verification,
)


class Life(RuleBasedStateMachine):
    """Every change, in any order, allowed or not; refused ones must change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.entry = verification()
        self.now = NOW
        self.verdicts: list[Verdict] = []
        self.seen: list[Status] = [self.entry.status]
        self.sent = 0

    def _try(self, change: Callable[[], Verification]) -> bool:
        self.now += 7
        try:
            after = change()
        except (ForbiddenTransition, CallNotAllowed):
            return False
        if after.verdict is not None and after.verdict not in self.verdicts:
            self.verdicts.append(after.verdict)
        self.entry = after
        self.seen.append(after.status)
        return True

    @rule(name=st.sampled_from(["live_data", "image"]))
    def prove(self, name: str) -> None:
        self._try(lambda: lifecycle.input_proven(self.entry, name, "key", PROOF, self.now))

    @rule(name=st.sampled_from(["live_data", "image"]))
    def refuse(self, name: str) -> None:
        refusal = verdict(Decision.RESUBMIT, self.now)
        self._try(lambda: lifecycle.input_refused(self.entry, name, "key", refusal))

    @rule()
    def renew(self) -> None:
        self._try(
            lambda: lifecycle.uploads_renewed(self.entry, {"image": f"key-{self.now}"}, self.now)
        )

    @rule()
    def postpone(self) -> None:
        self._try(lambda: lifecycle.postponed(self.entry, self.now + 5))

    @rule()
    def intend(self) -> None:
        lease = self.now + 9
        self._try(lambda: lifecycle.call_intended(self.entry, "A", "region", self.now, lease))

    @rule()
    def send(self) -> None:
        if self._try(lambda: lifecycle.call_sent(self.entry, self.now, self.now + 9)):
            self.sent += 1

    @rule(outcome=st.sampled_from(CallOutcome))
    def settle(self, outcome: CallOutcome) -> None:
        lease = self.now + 9
        self._try(
            lambda: lifecycle.call_settled(
                self.entry, self.now, Settlement(outcome), lease_until=lease
            )
        )

    @rule()
    def hold(self) -> None:
        self._try(lambda: lifecycle.held(self.entry, self.now + 5, self.now))

    @rule()
    def release(self) -> None:
        self._try(lambda: interventions.released(self.entry, self.now))

    @rule(decision=st.sampled_from(Decision))
    def decide(self, decision: Decision) -> None:
        self._try(lambda: lifecycle.decided(self.entry, verdict(decision, self.now)))

    @rule()
    def lease_delivery(self) -> None:
        self._try(lambda: delivery_transitions.delivery_leased(self.entry, self.now + 9))

    @rule(state=st.sampled_from(DeliveryState))
    def record_attempt(self, state: DeliveryState) -> None:
        due_at = self.now + 9 if state is DeliveryState.PENDING else None
        attempt = Attempt(at=self.now, latency_ms=1, status=200)
        self._try(lambda: delivery_transitions.attempt_recorded(self.entry, attempt, state, due_at))

    @rule()
    def restart_delivery(self) -> None:
        self._try(lambda: delivery_transitions.delivery_restarted(self.entry, self.now, CLIENT))

    @invariant()
    def no_call_follows_an_answer(self) -> None:
        outcomes = [call.outcome for call in self.entry.calls]
        assert CallOutcome.ANSWERED not in outcomes[:-1]

    @invariant()
    def only_the_last_call_is_unsettled(self) -> None:
        assert all(call.state is CallState.SETTLED for call in self.entry.calls[:-1])

    @invariant()
    def an_unknown_outcome_is_followed_by_one_more_call_at_most(self) -> None:
        assert lifecycle.unknown_calls(self.entry) <= 2
        outcomes = [call.outcome for call in self.entry.calls]
        if outcomes.count(CallOutcome.UNKNOWN) == 2:
            assert outcomes[-1] is CallOutcome.UNKNOWN

    @invariant()
    def every_sent_call_is_in_the_ledger(self) -> None:
        recorded = sum(call.state is not CallState.INTENT for call in self.entry.calls)
        assert recorded == self.sent

    @invariant()
    def calls_are_numbered_from_one(self) -> None:
        numbers = [call.number for call in self.entry.calls]
        assert numbers == list(range(1, len(numbers) + 1))

    @invariant()
    def a_decision_is_never_left_and_never_changed(self) -> None:
        if Status.DECIDED in self.seen:
            assert set(self.seen[self.seen.index(Status.DECIDED) :]) == {Status.DECIDED}
        assert len(self.verdicts) <= 1

    @invariant()
    def a_verdict_stands_exactly_in_a_decided_verification(self) -> None:
        assert (self.entry.verdict is not None) == (self.entry.status is Status.DECIDED)
        assert (self.entry.delivery is not None) == (self.entry.status is Status.DECIDED)

    @invariant()
    def whatever_is_unfinished_has_a_due_time(self) -> None:
        delivery = self.entry.delivery
        if delivery is None or delivery.state is DeliveryState.PENDING:
            assert self.entry.due_at is not None

    @invariant()
    def a_call_needs_every_input_proven(self) -> None:
        if self.entry.calls:
            states = {declared.state for declared in self.entry.inputs.values()}
            assert states == {InputState.PROVEN}


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_the_last_proven_input_makes_it_ready_and_due_at_once() -> None:
    one = lifecycle.input_proven(verification(), "image", "uploads/image", PROOF, NOW + 3)
    both = lifecycle.input_proven(one, "live_data", "uploads/live_data", PROOF, NOW + 5)

    assert (one.status, one.ready_at) == (Status.AWAITING_UPLOAD, None)
    assert (both.status, both.ready_at, both.due_at) == (Status.READY, NOW + 5, NOW + 5)


def test_an_intent_that_was_never_sent_is_taken_up_again_as_the_same_call() -> None:
    first = lifecycle.call_intended(ready(), "Action", "region", NOW, NOW + 1)
    second = lifecycle.call_intended(first, "Action", "region", NOW + 2, NOW + 3)

    assert [(call.number, call.intent_at) for call in second.calls] == [(1, NOW)]


@pytest.mark.parametrize("outcome", CallOutcome)
def test_a_call_is_sent_once_and_only_after_its_intent(outcome: CallOutcome) -> None:
    for entry in (ready(), called(), settled(outcome)):
        with pytest.raises(CallNotAllowed, match="not in state intent"):
            lifecycle.call_sent(entry, NOW, NOW + 1)


def test_an_outcome_is_of_a_call_that_was_sent_and_has_none() -> None:
    intended = lifecycle.call_intended(ready(), "Action", "region", NOW, NOW + 1)
    outcome = Settlement(CallOutcome.NOT_EXECUTED)
    for entry in (ready(), intended, settled(CallOutcome.UNKNOWN)):
        with pytest.raises(CallNotAllowed, match="not in state called"):
            lifecycle.call_settled(entry, NOW, outcome, lease_until=NOW + 1)


@pytest.mark.parametrize(
    ("entry", "why"), [(called(), "under way"), (settled(CallOutcome.ANSWERED), "answered")]
)
def test_nobody_holds_a_call_that_is_under_way_or_was_answered(
    entry: Verification, why: str
) -> None:
    with pytest.raises(CallNotAllowed, match=why):
        lifecycle.held(entry, NOW + 1, NOW, by="operator")


def test_no_call_may_follow_one_that_is_not_settled() -> None:
    with pytest.raises(CallNotAllowed, match="not been settled"):
        lifecycle.call_intended(called(), "Action", "region", NOW, NOW + 1)


def test_no_call_may_follow_an_answer() -> None:
    answered = settled(CallOutcome.ANSWERED)

    with pytest.raises(CallNotAllowed, match="answered"):
        lifecycle.call_intended(answered, "Action", "region", NOW, NOW + 1)


def test_a_call_with_an_unknown_outcome_is_repeated_once_and_never_twice() -> None:
    again = lifecycle.call_intended(settled(CallOutcome.UNKNOWN), "Action", "region", NOW, NOW + 1)
    twice = settled(CallOutcome.UNKNOWN, lifecycle.call_sent(again, NOW, NOW + 1))

    assert lifecycle.unknown_calls(twice) == 2
    with pytest.raises(CallNotAllowed, match="once at most"):
        lifecycle.call_intended(twice, "Action", "region", NOW, NOW + 1)


def test_a_held_verification_is_called_again_only_after_its_release() -> None:
    waiting = lifecycle.held(settled(CallOutcome.UNKNOWN), NOW + 10, NOW)

    with pytest.raises(CallNotAllowed):
        lifecycle.call_intended(waiting, "Action", "region", NOW, NOW + 1)
    freed = interventions.released(waiting, NOW + 5)
    assert freed.due_at == NOW + 5
    assert lifecycle.call_intended(freed, "Action", "region", NOW, NOW + 1).calls[-1].number == 2


def test_only_a_held_verification_can_be_released() -> None:
    with pytest.raises(CallNotAllowed, match="only a held"):
        interventions.released(ready(), NOW)


def test_an_unexecuted_call_may_be_repeated_without_end() -> None:
    entry = settled(CallOutcome.NOT_EXECUTED)
    for _ in range(5):
        intended = lifecycle.call_intended(entry, "Action", "region", NOW, NOW + 1)
        entry = settled(CallOutcome.NOT_EXECUTED, lifecycle.call_sent(intended, NOW, NOW + 1))

    assert [call.number for call in entry.calls] == [1, 2, 3, 4, 5, 6]


def test_a_second_decision_is_refused() -> None:
    first = lifecycle.decided(settled(CallOutcome.ANSWERED), verdict(Decision.REJECTED))

    with pytest.raises(ForbiddenTransition):
        lifecycle.decided(first, verdict(Decision.PASSED))


def test_nothing_is_delivered_before_there_is_a_decision() -> None:
    attempt = Attempt(at=NOW, latency_ms=1, status=200)

    with pytest.raises(ForbiddenTransition):
        delivery_transitions.delivery_leased(called(), NOW + 1)
    with pytest.raises(ForbiddenTransition):
        delivery_transitions.attempt_recorded(called(), attempt, DeliveryState.DELIVERED, None)
    with pytest.raises(ForbiddenTransition):
        delivery_transitions.delivery_restarted(called(), NOW, CLIENT)


def test_a_restarted_delivery_counts_on_and_begins_its_schedule_again() -> None:
    decided = lifecycle.decided(settled(CallOutcome.ANSWERED), verdict(Decision.PASSED))
    attempt = Attempt(at=NOW, latency_ms=1, status=500)
    tired = delivery_transitions.attempt_recorded(decided, attempt, DeliveryState.EXHAUSTED, None)
    again = delivery_transitions.delivery_restarted(tired, NOW + 9, CLIENT)

    assert again.delivery is not None
    assert (again.delivery.number, again.delivery.attempts) == (2, 0)
    assert again.delivery.state is DeliveryState.PENDING
    assert again.due_at == NOW + 9


def test_renewed_keys_keep_the_earlier_ones_known() -> None:
    renewed = lifecycle.uploads_renewed(verification(), {"image": "uploads/second"}, NOW)

    assert renewed.inputs["image"].keys == ("uploads/image", "uploads/second")
    assert renewed.inputs["live_data"].keys == ("uploads/live_data",)


def test_an_input_is_refused_only_while_uploads_are_awaited() -> None:
    refusal = verdict(Decision.RESUBMIT)

    with pytest.raises(ForbiddenTransition):
        lifecycle.input_refused(ready(), "image", "uploads/image", refusal)
