"""Functions that die: the sweep finishes what they began, with the same decision."""

from __future__ import annotations

import random
import time

import pytest

from tests.acceptance.journey import PAID_ACTION, Journeys
from tests.acceptance.workers import kill, workers_of

pytestmark = pytest.mark.xdist_group("local_cloud")


def _kill_when_busy(journeys: Journeys, function: str, action: str) -> None:
    """Kill a function's workers once the vendor has seen its request."""
    deadline = time.monotonic() + 30
    while not any(call["action"] == action for call in journeys.cloud.emulator.calls()):
        assert time.monotonic() < deadline, f"no {action} arrived"
        time.sleep(0.05)
    _kill_all(journeys, function)


def _kill_all(journeys: Journeys, function: str) -> None:
    found = workers_of(journeys.cloud.aws.child.process.pid, function)
    assert found, f"no worker of {function} is alive"
    for pid in found:
        kill(pid)


def _swept_outcome(journeys: Journeys, verification_id: str, seconds: float) -> dict[str, object]:
    """Sweep every two seconds until the webhook is delivered."""
    deadline = time.monotonic() + seconds
    while True:
        journeys.sweep()
        seen = journeys.api.read(verification_id)
        if seen["delivery"] and seen["delivery"]["state"] == "delivered":
            return seen
        assert time.monotonic() < deadline, seen
        time.sleep(2)


def test_killed_while_the_paid_call_is_out_it_is_repeated_once_and_recorded(
    journeys: Journeys,
) -> None:
    journeys.cloud.emulator.fault(PAID_ACTION, "hang")
    created = journeys.start()
    _kill_when_busy(journeys, "run_check", PAID_ACTION)
    seen = _swept_outcome(journeys, created["id"], 120)
    assert seen["decision"] == "passed"
    outcomes = [(call["state"], call["outcome"]) for call in seen["calls"]]  # type: ignore[attr-defined]
    assert outcomes == [("settled", "unknown"), ("settled", "answered")]
    assert len(journeys.paid_calls()) == 2


def test_killed_before_the_paid_call_it_is_made_once(journeys: Journeys) -> None:
    journeys.cloud.emulator.fault("CreateUploadUrl", "hang")
    created = journeys.start()
    _kill_when_busy(journeys, "run_check", "CreateUploadUrl")
    seen = _swept_outcome(journeys, created["id"], 120)
    assert seen["decision"] == "passed"
    assert len(journeys.paid_calls()) == 1


def test_killing_any_worker_at_any_moment_changes_no_decision(journeys: Journeys) -> None:
    expected = {"passed": None, "rejected": "other-person"}
    started = [
        (decision, journeys.start(scenario)["id"])
        for decision, scenario in expected.items()
        for _ in range(3)
    ]
    pick = random.Random(20261120)
    killed = 0
    until = time.monotonic() + 8
    while time.monotonic() < until:
        time.sleep(pick.uniform(0.05, 0.5))
        found = workers_of(journeys.cloud.aws.child.process.pid)
        if found:
            kill(pick.choice(found))
            killed += 1
    assert killed > 5
    for decision, verification_id in started:
        assert _swept_outcome(journeys, verification_id, 240)["decision"] == decision
    for _, verification_id in started:
        calls = journeys.api.read(verification_id)["calls"]
        assert sum(call["outcome"] == "answered" for call in calls) == 1
        assert sum(call["outcome"] == "unknown" for call in calls) <= 1
