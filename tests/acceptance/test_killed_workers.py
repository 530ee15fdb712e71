"""Functions that die: the sweep finishes what they began, with the same decision."""

from __future__ import annotations

import random
import time

from tests.acceptance.client import PAID_ACTION, Client
from tests.acceptance.differences import RELAYED
from tests.acceptance.killing import kill, killing
from tests.support.api import ApiError


def _kill_when_busy(client: Client, function: str, action: str) -> None:
    """Kill a function's workers once the vendor has seen its request."""
    deadline = time.monotonic() + 30
    while not any(call["action"] == action for call in client.cloud.emulator.calls()):
        assert time.monotonic() < deadline, f"no {action} arrived"
        time.sleep(0.05)
    _kill_all(client, function)


def _kill_all(client: Client, function: str) -> None:
    workers = client.cloud.deployment.workers(function)
    assert workers, f"no worker of {function} is alive"
    for pid in workers:
        kill(pid)


def test_killed_while_it_waits_for_the_vendor_only_a_paid_call_that_was_out_is_repeated(
    client: Client,
) -> None:
    # One after the other, and the second before the first one's lease ends: both leases are waited
    # for together.
    started = {}
    for action in (*RELAYED.of(client.cloud.name), PAID_ACTION):
        client.cloud.emulator.fault(action, "hang")
        started[action] = client.start()["id"]
        _kill_when_busy(client, "run_check", action)
    outcomes = {}
    for action, verification_id in started.items():
        seen = client.outcome(verification_id, 120, sweeping=True)
        assert seen["decision"] == "passed", action
        outcomes[action] = [(call["state"], call["outcome"]) for call in seen["calls"]]
    repeated = outcomes.pop(PAID_ACTION)
    assert repeated == [("settled", "unknown"), ("settled", "answered")]
    assert all(calls == [("settled", "answered")] for calls in outcomes.values())
    assert len(client.paid_calls()) == len(repeated) + len(outcomes)


def _at_intent(client: Client, started: list[str]) -> set[str]:
    """The verifications whose last call is still before the slot: nothing has been sent."""
    calls = {
        verification_id: client.api.read(verification_id)["calls"] for verification_id in started
    }
    return {
        verification_id
        for verification_id, made in calls.items()
        if made and made[-1]["state"] == "intent"
    }


def test_killed_while_it_waits_for_its_slot_the_paid_call_is_made_once(client: Client) -> None:
    started: list[str] = []
    waiting: set[str] = set()
    # On a busy machine every slot may have come before the kill: then others are started.
    for _ in range(5):
        started += [client.start()["id"] for _ in range(10)]  # the last slots are seconds away
        deadline = time.monotonic() + 30
        while not any(
            client.api.read(verification_id)["calls"] for verification_id in started[-2:]
        ):
            assert time.monotonic() < deadline, "no run has begun a call"
        _kill_all(client, "run_check")
        # Read after the kill: a call is written down as called before its slot comes.
        waiting = _at_intent(client, started)
        if waiting:
            break
    assert waiting, "each slot came before its worker was killed"
    for verification_id in started:
        seen = client.outcome(verification_id, 120, sweeping=True)
        assert seen["decision"] == "passed"
        outcomes = [call["outcome"] for call in seen["calls"]]
        assert outcomes.count("answered") == 1
        if verification_id in waiting:
            assert outcomes == ["answered"]


def _seconds_of_a_cold_start(client: Client) -> float:
    """How long the API takes to answer without a worker: on a busy machine, many times the usual.

    Workers that are killed far more often never answer.
    """
    for pid in client.cloud.deployment.workers():
        kill(pid)
    began = time.monotonic()
    while time.monotonic() < began + 120:
        try:
            client.create(client.files())
        except (ApiError, OSError):
            continue
        return time.monotonic() - began
    raise AssertionError("the API did not start within two minutes")


def test_killing_any_worker_at_any_moment_changes_no_decision(client: Client) -> None:
    expected = {"passed": None, "rejected": "other-person"}
    start = _seconds_of_a_cold_start(client)
    began = time.monotonic()
    with killing(client.cloud, random.Random(20261120), (start / 10, start)) as killed:
        started = [
            (decision, client.start_against_odds(scenario))
            for _ in range(4)
            for decision, scenario in expected.items()
        ]
        time.sleep(3)
        while len(killed) <= 5 and time.monotonic() < began + 120:
            time.sleep(0.1)
    assert len(killed) > 5
    for _, created in started:
        # A platform that has tried an event three times drops it; the last look at the uploads
        # would find the files, minutes later.
        client.replay_uploads(created)
    for decision, created in started:
        assert client.outcome(created["id"], 240, sweeping=True)["decision"] == decision
    for _, created in started:
        calls = client.api.read(created["id"])["calls"]
        assert sum(call["outcome"] == "answered" for call in calls) == 1
        assert sum(call["outcome"] == "unknown" for call in calls) <= 1
