"""Functions killed at any line: the same decision, and no second call that the ledger hides.

Every port operation has two moments at which a function may die (`tests.support.crash_points`). The
scenario runs once to list them, then again for each, with nothing but time and the sweep to help.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveproof.domain.ledger import CallOutcome, CallState
from liveproof.domain.states import Status
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.use_cases.verify_upload import object_created
from liveproof.vendors.errors import NotSent, OutcomeUnknown, RelayFailed
from tests.support.checks import Scripted, answer
from tests.support.deployment import FILES, Deployment
from tests.support.evidence import put_evidence_keys

SCRIPTS: dict[str, list[Scripted]] = {
    "passed": [answer(frame=True)],
    "rejected": [answer("FailedOperation.LivessDetectFake", 0)],
    "throttled first": [answer(None, None, error="RequestLimitExceeded"), answer()],
    "not sent first": [NotSent("refused"), answer()],
}


class Run:
    """One scenario: uploads with their events, then whatever becomes due."""

    def __init__(self, script: list[Scripted], policy: str = "repeat_once") -> None:
        self.deployment = Deployment(unknown_outcome=policy)
        put_evidence_keys(self.deployment)
        self.deployment.check.script = list(script)
        self.entry = self.deployment.create()

    def go(self, *kill_at: int, messages: bool = True) -> Verification:
        deployment = self.deployment
        deployment.crash_points.arm_moments(*kill_at)
        for name in FILES:
            key = deployment.put(self.entry, name)
            deployment.survive(partial(object_created, deployment.dependencies, key))
        deployment.settle(messages=messages)
        return deployment.load(self.entry.id)


def ledger(verification: Verification) -> list[CallOutcome | None]:
    return [call.outcome for call in verification.calls]


def unheard_call(run: Run, kill_at: int) -> int | None:
    """The call that was executed when the function died before storing the outcome."""
    moments = run.deployment.crash_points.moments[: kill_at + 1]
    if "after check.call" not in moments:
        return None
    last_call = len(moments) - 1 - moments[::-1].index("after check.call")
    if "after records.save" in moments[last_call:]:
        return None
    return moments.count("before check.call") - 1


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
@pytest.mark.parametrize("messages", [True, False], ids=["messages arrive", "sweep alone"])
def test_killed_once_anywhere_it_ends_as_if_nothing_had_happened(
    script: list[Scripted], messages: bool
) -> None:
    smooth_run = Run(script)
    smooth = smooth_run.go(messages=messages)
    moments = len(smooth_run.deployment.crash_points.moments)
    assert moments > 40
    assert smooth.verdict is not None

    for kill_at in range(moments):
        run = Run(script)
        after = run.go(kill_at, messages=messages)
        at = f"killed {run.deployment.crash_points.moments[kill_at]}, moment {kill_at}"

        assert after.verdict is not None, at
        assert after.verdict.decision is smooth.verdict.decision, at
        assert after.verdict.reason == smooth.verdict.reason, at
        assert after.delivery is not None, at
        assert after.delivery.state is DeliveryState.DELIVERED, at
        assert after.due_at is None, at
        unheard = unheard_call(run, kill_at)
        judged = run.deployment.check.judged
        paid_twice = unheard is not None and judged[unheard]
        assert sum(judged) == (2 if paid_twice else 1), at
        if unheard is not None:
            assert after.calls[unheard].outcome is CallOutcome.UNKNOWN, at
        assert ledger(after).count(CallOutcome.UNKNOWN) <= 1, at
        assert ledger(after).count(CallOutcome.ANSWERED) == 1, at
        assert all(call.state is CallState.SETTLED for call in after.calls), at
        sent = run.deployment.endpoint.delivered
        assert {one.body for one in sent} == {sent[0].body}, at
        assert len({one.headers["webhook-id"] for one in sent}) == 1, at
        assert len(sent) <= 2, at


def test_killed_anywhere_with_hold_nothing_is_called_twice() -> None:
    smooth_run = Run(SCRIPTS["passed"], "hold")
    smooth_run.go()

    held_after = []
    for kill_at in range(len(smooth_run.deployment.crash_points.moments)):
        run = Run(SCRIPTS["passed"], "hold")
        after = run.go(kill_at)
        at = f"killed {run.deployment.crash_points.moments[kill_at]}, moment {kill_at}"

        assert run.deployment.check.calls <= 1, at
        assert after.status is Status.DECIDED, at
        assert after.verdict is not None, at
        if CallOutcome.UNKNOWN in ledger(after):
            held_after.append(run.deployment.crash_points.moments[kill_at])
            assert after.verdict.reason.code == "call_outcome_unknown", at
        else:
            assert after.verdict.reason.code == "passed", at
    # From the moment the sending is recorded until the outcome is.
    assert held_after == [
        "after records.save",
        "before check.call",
        "after check.call",
        "before records.save",
    ]


def fail_preparation(run: Run) -> None:
    run.deployment.check.prepare_fails = [RelayFailed("away")]


def lose_the_answer(run: Run) -> None:
    run.deployment.check.script = [OutcomeUnknown("timed out"), answer()]


@settings(max_examples=60, deadline=None)
@given(
    kill_at=st.lists(st.integers(min_value=0, max_value=90), max_size=4, unique=True),
    messages=st.booleans(),
    trouble=st.sampled_from([None, fail_preparation, lose_the_answer]),
    policy=st.sampled_from(["repeat_once", "hold"]),
)
def test_killed_several_times_no_call_is_hidden_and_none_is_the_third(
    kill_at: list[int],
    messages: bool,
    trouble: Callable[[Run], None] | None,
    policy: str,
) -> None:
    run = Run([answer()], policy)
    if trouble is not None:
        trouble(run)
    after = run.go(*kill_at, messages=messages)

    executed = sum(run.deployment.check.judged)
    unknown = ledger(after).count(CallOutcome.UNKNOWN)
    assert executed <= (1 if policy == "hold" else 2)
    assert executed <= len(after.calls)
    assert executed <= 1 or unknown >= 1
    assert after.status is Status.DECIDED
    assert after.due_at is None
    assert after.verdict is not None
    assert after.verdict.reason.code in {"passed", "call_outcome_unknown", "uploads_expired"}
    if not kill_at:
        assert after.verdict.reason.code == (
            "call_outcome_unknown" if policy == "hold" and trouble is lose_the_answer else "passed"
        )


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_events_repeated_shuffled_and_late_lead_to_one_call(data: st.DataObject) -> None:
    run = Run([answer()])
    deployment = run.deployment
    keys = [deployment.put(run.entry, name) for name in FILES]
    events = data.draw(st.permutations(keys * 3))
    run_after = data.draw(st.lists(st.sampled_from(range(6)), max_size=4))
    for number, key in enumerate(events):
        object_created(deployment.dependencies, key)
        deployment.clock.advance(data.draw(st.integers(min_value=0, max_value=30_000)))
        if number in run_after:
            for request in deployment.steps.take() * 2:
                deployment.perform(request)
    deployment.settle()
    for key in events:
        object_created(deployment.dependencies, key)
    deployment.settle()

    after = deployment.load(run.entry.id)
    assert deployment.check.calls == 1
    assert after.verdict is not None
    assert after.verdict.reason.code == "passed"
    assert len(deployment.endpoint.delivered) == 1
