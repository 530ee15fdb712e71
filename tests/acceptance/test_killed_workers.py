"""Functions that die: the sweep finishes what they began, with the same decision."""

from __future__ import annotations

import os
import random
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.acceptance.client import PAID_ACTION, Client
from tests.acceptance.differences import RELAYED
from tools.client import ApiError


def _kill(pid: int) -> None:
    """No handler, no clean-up, as when the platform takes a machine away."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _kill_when_busy(client: Client, function: str, action: str) -> None:
    """Kill a function's workers once the vendor has seen its request."""
    deadline = time.monotonic() + 30
    while not any(call["action"] == action for call in client.cloud.emulator.calls()):
        assert time.monotonic() < deadline, f"no {action} arrived"
        time.sleep(0.05)
    _kill_all(client, function)


def _kill_all(client: Client, function: str) -> None:
    found = client.cloud.deployment.workers(function)
    assert found, f"no worker of {function} is alive"
    for pid in found:
        _kill(pid)


def _swept_outcome(client: Client, verification_id: str, seconds: float) -> dict[str, Any]:
    """Sweep every two seconds until the webhook is delivered."""
    deadline = time.monotonic() + seconds
    while True:
        client.cloud.deployment.sweep()
        seen = client.api.read(verification_id)
        if seen["delivery"] and seen["delivery"]["state"] == "delivered":
            return seen
        assert time.monotonic() < deadline, seen
        time.sleep(2)


@contextmanager
def _killing(client: Client) -> Iterator[list[int]]:
    """Kill a random worker several times a second until the block ends; the ones killed."""
    pick, killed, ended = random.Random(20261120), list[int](), threading.Event()

    def run() -> None:
        while not ended.wait(pick.uniform(0.05, 0.4)):
            found = client.cloud.deployment.workers()
            if found:
                killed.append(pick.choice(found))
                _kill(killed[-1])

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield killed
    finally:
        ended.set()
        thread.join()


def _start_against_odds(client: Client, scenario: str | None) -> str:
    """Create, with the same idempotency key again while the API's worker is killed, and upload."""
    files = client.files(scenario)
    inputs = {name: sample.declaration() for name, sample in files.items()}
    key = secrets.token_hex(16)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            created = client.api.create({"check": "reflect", "inputs": inputs}, key)
        except (ApiError, OSError):
            continue
        client.upload(created, files)
        return str(created["id"])
    raise AssertionError("the API did not answer for two minutes")


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
        seen = _swept_outcome(client, verification_id, 120)
        assert seen["decision"] == "passed", action
        outcomes[action] = [(call["state"], call["outcome"]) for call in seen["calls"]]
    repeated = outcomes.pop(PAID_ACTION)
    assert repeated == [("settled", "unknown"), ("settled", "answered")]
    assert all(calls == [("settled", "answered")] for calls in outcomes.values())
    assert len(client.paid_calls()) == len(repeated) + len(outcomes)


def test_killed_while_it_waits_for_its_slot_the_paid_call_is_made_once(client: Client) -> None:
    started = [client.start()["id"] for _ in range(10)]  # the last ones' slots are seconds away
    deadline = time.monotonic() + 30
    waiting: set[str] = set()
    while not waiting:
        assert time.monotonic() < deadline, "nobody waited for a slot"
        states = {each: client.api.read(each)["calls"] for each in started[-2:]}
        waiting = {
            each for each, calls in states.items() if calls and calls[-1]["state"] == "intent"
        }
    _kill_all(client, "run_check")
    for each in started:
        seen = _swept_outcome(client, each, 120)
        assert seen["decision"] == "passed"
        outcomes = [call["outcome"] for call in seen["calls"]]
        assert outcomes.count("answered") == 1
        if each in waiting:
            assert outcomes == ["answered"]


def test_killing_any_worker_at_any_moment_changes_no_decision(client: Client) -> None:
    expected = {"passed": None, "rejected": "other-person"}
    with _killing(client) as killed:
        started = [
            (decision, _start_against_odds(client, scenario))
            for _ in range(4)
            for decision, scenario in expected.items()
        ]
        time.sleep(3)
    assert len(killed) > 5
    for decision, verification_id in started:
        assert _swept_outcome(client, verification_id, 240)["decision"] == decision
    for _, verification_id in started:
        calls = client.api.read(verification_id)["calls"]
        assert sum(call["outcome"] == "answered" for call in calls) == 1
        assert sum(call["outcome"] == "unknown" for call in calls) <= 1
