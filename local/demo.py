"""`make demo`: real files through every check, each step shown, every expectation compared."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local import client
from local.cloud import LocalCloud
from local.processes import tail
from local.receiver import Received
from local.samples import Sample
from local.scenarios import Scenario
from local.table import Paint, render

PAID_ACTION = "DetectReflectLivenessAndCompare"
_MILLISECONDS = ("create", "put", "decision", "webhook")
COLUMNS = ("scenario", "expected", "got", "reason code", *_MILLISECONDS, "verified")


@dataclass
class Outcome:
    """What came of a scenario. `problems` is empty if everything was as expected."""

    scenario: Scenario
    decision: str = ""
    reason: str = ""
    verified: bool = False
    timings: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


class Progress:
    """Prints one line per step, from many threads."""

    def __init__(self, paint: Paint) -> None:
        """`paint` colours the lines."""
        self._paint, self._lock, self._start = paint, threading.Lock(), time.monotonic()

    def __call__(self, scenario: Scenario, text: str) -> None:
        """A step of a scenario happened."""
        at = self._paint("dim", f"{time.monotonic() - self._start:6.2f} s")
        with self._lock:
            print(f"{at}  {scenario.name:<13} {text}", flush=True)


def run(cloud: LocalCloud, scenarios: Sequence[Scenario]) -> int:
    """Runs the scenarios at once, prints the table and the verdict; the process's exit status."""
    paint = Paint.for_stream(sys.stdout, os.environ)
    progress = Progress(paint)
    for each in scenarios:
        print(f"  {each.name:<13} {each.title}: {each.decision} ({each.reason})")
    print(flush=True)
    with ThreadPoolExecutor(len(scenarios)) as pool:
        outcomes = list(pool.map(lambda each: _play(cloud, each, progress), scenarios))
    cloud.require_running()
    surplus = compare_ledger(scenarios, cloud.emulator.calls())
    print("\n" + render(COLUMNS, [row(each, paint) for each in outcomes], _MILLISECONDS))
    print(
        paint(
            "dim", "create and put: until answered; decision and webhook: after the last byte. ms."
        )
    )
    report_problems(outcomes, surplus, paint, cloud.logs)
    return verdict(outcomes, surplus)


def report_problems(
    outcomes: Sequence[Outcome], surplus: Sequence[str], paint: Paint, logs: Path
) -> None:
    """Prints what was not as expected, and the logs' ends if anything was."""
    lines = [f"{each.scenario.name}: {text}" for each in outcomes for text in each.problems]
    lines += [f"ledger: {text}" for text in surplus]
    for line in lines:
        print(paint("red", line))
    if lines:
        print(tail(logs / "functions.log", 40), file=sys.stderr)
        print(tail(logs / "emulator.log", 15), file=sys.stderr, flush=True)


def verdict(outcomes: Sequence[Outcome], surplus: Sequence[str]) -> int:
    """Prints the last line and returns the exit status: 0 only if all is as expected."""
    right = sum(not each.problems for each in outcomes)
    verified = sum(each.verified for each in outcomes)
    count = len(outcomes)
    print(
        f"demo: {right} of {count} verifications ended as expected, {verified} webhooks verified",
        flush=True,
    )
    return 0 if right == count == verified and not surplus else 1


def row(outcome: Outcome, paint: Paint) -> list[str]:
    """A line of the table."""
    good = not outcome.problems
    timings = [
        f"{outcome.timings[name] * 1000:.0f}" if name in outcome.timings else "-"
        for name in _MILLISECONDS
    ]
    return [
        outcome.scenario.name,
        outcome.scenario.decision,
        paint("green" if good else "red", outcome.decision or "nothing"),
        outcome.reason or "-",
        *timings,
        paint("green", "yes") if outcome.verified else paint("red", "no"),
    ]


def compare_ledger(scenarios: Sequence[Scenario], calls: Sequence[dict[str, Any]]) -> list[str]:
    """Differences between the paid calls that should have been made and the emulator's ledger."""
    expected: Counter[str] = sum((each.calls for each in scenarios), Counter())
    got = Counter(str(each["scenario"]) for each in calls if each["action"] == PAID_ACTION)
    return [
        f"{got[name]} paid calls of scenario {name}, expected {expected[name]}"
        for name in sorted(expected | got)
        if got[name] != expected[name]
    ]


def _play(cloud: LocalCloud, scenario: Scenario, progress: Progress) -> Outcome:
    outcome = Outcome(scenario)
    try:
        _ask(cloud, scenario, outcome, lambda text: progress(scenario, text))
    except (client.ApiError, OSError) as error:
        outcome.problems.append(f"{type(error).__name__}: {error}")
        progress(scenario, f"failed: {error}")
    return outcome


def _ask(
    cloud: LocalCloud, scenario: Scenario, outcome: Outcome, step: Callable[[str], None]
) -> None:
    api = client.Api(cloud.api, cloud.api_key)
    deadline = time.monotonic() + scenario.limit
    body: dict[str, Any] = {
        "check": "reflect",
        "inputs": {name: sample.declaration() for name, sample in scenario.files.items()},
        "reference": scenario.name,
    }
    if scenario.expires_in is not None:
        body["expires_in"] = scenario.expires_in
    began = time.monotonic()
    created = api.create(body)
    outcome.timings["create"] = time.monotonic() - began
    verification = str(created["id"])
    step(f"created {verification} in {created['region']}")
    began = time.monotonic()
    if scenario.send:
        _send(scenario, created["uploads"], outcome, step)
        outcome.timings["put"] = time.monotonic() - began
    sent = time.monotonic()
    decided = _wait_for_decision(api, verification, deadline, 1.0 if scenario.expires_in else 0.1)
    if decided is None:
        outcome.problems.append(f"no decision within {scenario.limit:.0f} s")
        step("no decision came")
        return
    outcome.timings["decision"] = time.monotonic() - sent
    outcome.decision, outcome.reason = str(decided["decision"]), str(decided["reason"]["code"])
    step(f"decided: {outcome.decision} ({outcome.reason})")
    _expect(outcome, "decision", scenario.decision, outcome.decision)
    _expect(outcome, "reason", scenario.reason, outcome.reason)
    _expect(outcome, "calls in the record", sum(scenario.calls.values()), len(decided["calls"]))
    webhook = cloud.receiver.wait_for(verification, deadline)
    if webhook is None:
        outcome.problems.append(f"no webhook within {scenario.limit:.0f} s")
        step("no webhook came")
        return
    outcome.timings["webhook"] = webhook.at - sent
    _judge_webhook(outcome, webhook)
    step("webhook verified" if outcome.verified else "webhook NOT verified")


def _send(
    scenario: Scenario, uploads: dict[str, Any], outcome: Outcome, step: Callable[[str], None]
) -> None:
    for name, sample in scenario.files.items():
        if scenario.wrong_bytes_first:
            refused = client.put(uploads[name], _flipped(sample))
            _expect(outcome, f"status of wrong {name}", 400, refused.status)
            if b"BadDigest" not in refused.body:
                outcome.problems.append(f"the bucket did not say BadDigest for wrong {name}")
            step(f"wrong bytes for {name}: the bucket answered {refused.status}")
        answer = client.put(uploads[name], sample.data)
        _expect(outcome, f"status of {name}", 200, answer.status)
        step(f"put {name}, {len(sample.data)} bytes: {answer.status}")


def _flipped(sample: Sample) -> bytes:
    middle = len(sample.data) // 2
    flipped = bytes([sample.data[middle] ^ 0xFF])
    return sample.data[:middle] + flipped + sample.data[middle + 1 :]


def _wait_for_decision(
    api: client.Api, verification: str, deadline: float, pause: float
) -> dict[str, Any] | None:
    while time.monotonic() < deadline:
        found = api.read(verification)
        if found["decision"] is not None:
            return found
        time.sleep(pause)
    return None


def _judge_webhook(outcome: Outcome, webhook: Received) -> None:
    outcome.verified = webhook.verified
    if not webhook.verified:
        outcome.problems.append("the webhook's signature does not verify")
    payload = webhook.payload()
    data = payload.get("data", {})
    _expect(outcome, "webhook type", f"verification.{outcome.decision}", payload.get("type"))
    _expect(outcome, "webhook decision", outcome.decision, data.get("decision"))
    _expect(outcome, "webhook reason", outcome.reason, (data.get("reason") or {}).get("code"))
    _expect(outcome, "webhook reference", outcome.scenario.name, data.get("reference"))


def _expect(outcome: Outcome, what: str, expected: object, got: object) -> None:
    if expected != got:
        outcome.problems.append(f"{what}: expected {expected}, got {got}")


def nonce() -> random.Random:
    """A source of file contents that no earlier run had."""
    return random.Random(os.urandom(16))  # noqa: S311 - contents of sample files, not secrets
