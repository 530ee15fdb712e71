"""All scenarios of the demo at once, then the table, the ledger and the verdict."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, Protocol

from liveproof_client import Liveproof
from tools.demo.runner import Outcome, Progress, ScenarioRunner
from tools.demo.scenarios import Scenario
from tools.demo.table import Paint, render
from tools.local.cloud import LocalCloud
from tools.processes import tail

_MILLISECONDS = ("create", "put", "decision", "webhook")
COLUMNS = (
    "scenario", "check", "expected", "got", "reason code", *_MILLISECONDS, "best frame", "verified",
)  # fmt: skip
_LEGEND = "create and put: until answered; decision and webhook: after the last byte. ms."
SEQUENCE_ACTION = "GenerateReflectSequence"
# Calls that bring files to the vendor. A run that missed its slot repeats them, so their number is
# not fixed.
_UNCOUNTED = {"CreateUploadUrl"}
# The local AWS starts a process per message: more scenarios at once would wait for each other.
_AT_ONCE = 4
_STEP_SECONDS = 0.5


def run(cloud: LocalCloud, scenarios: Sequence[Scenario], notes: Sequence[str] = ()) -> int:
    """Runs the scenarios, prints the table and the verdict; the process's exit status.

    Args:
        notes: lines about the user's own files.
    """
    paint = Paint.for_stream(sys.stdout, os.environ)
    width = max(len(scenario.name) for scenario in scenarios)
    for scenario in scenarios:
        expected = f"{scenario.decision} ({scenario.reason})"
        print(f"  {scenario.name:<{width}} {scenario.title}: {expected}")
    for line in notes:
        print(f"  {line}")
    print(flush=True)
    with Liveproof(cloud.api, cloud.api_key) as api:
        outcomes = run_all(ScenarioRunner(cloud, api, Progress(paint, width)), scenarios)
    cloud.require_running()
    surplus = compare_ledger(scenarios, cloud.emulator.calls())
    print("\n" + render(COLUMNS, [row(outcome, paint) for outcome in outcomes], _MILLISECONDS))
    print(paint("dim", _LEGEND))
    report_problems(outcomes, surplus, paint, cloud.logs)
    return verdict(outcomes, surplus)


class RunsScenarios(Protocol):
    """What `run_all` needs of a `ScenarioRunner`."""

    def fetch_sequence(self, scenario: Scenario) -> list[str]: ...

    def run(self, scenario: Scenario) -> Outcome: ...

    def stop(self) -> None: ...


def run_all(runner: RunsScenarios, scenarios: Sequence[Scenario]) -> list[Outcome]:
    """The outcomes in the scenarios' order.

    Light sequences are fetched first. Then the scenarios that wait for their expiry start, before
    all others. A signal stops everything at once, without waiting for scenarios that still run.
    """
    sequence_problems = {
        scenario.name: runner.fetch_sequence(scenario)
        for scenario in scenarios
        if scenario.light_sequence
    }
    expiring = [scenario for scenario in scenarios if not scenario.send]
    pool = ThreadPoolExecutor(_AT_ONCE + len(expiring))
    try:
        ordered = expiring + [scenario for scenario in scenarios if scenario.send]
        running = {scenario.name: pool.submit(runner.run, scenario) for scenario in ordered}
        while not _ended(running.values()):
            pass
        outcomes = [running[scenario.name].result() for scenario in scenarios]
    except BaseException:
        runner.stop()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    for outcome in outcomes:
        outcome.problems[:0] = sequence_problems.get(outcome.scenario.name, [])
    return outcomes


def _ended(running: Iterable[Future[Outcome]]) -> bool:
    """Waits a step. A wait without an end could miss a signal that arrives as it begins."""
    done, not_done = wait(running, _STEP_SECONDS, FIRST_EXCEPTION)
    return not not_done or any(future.exception() for future in done)


def report_problems(
    outcomes: Sequence[Outcome], surplus: Sequence[str], paint: Paint, logs: Path
) -> None:
    """Prints every problem; if there are any, also the ends of the logs."""
    lines = [
        f"{outcome.scenario.name}: {text}" for outcome in outcomes for text in outcome.problems
    ]
    lines += [f"ledger: {text}" for text in surplus]
    for line in lines:
        print(paint("red", line))
    if lines:
        print(tail(logs / "functions.log", 40), file=sys.stderr)
        print(tail(logs / "emulator.log", 15), file=sys.stderr, flush=True)


def verdict(outcomes: Sequence[Outcome], surplus: Sequence[str]) -> int:
    """Prints the last line and returns the exit status: 0 only if all is as expected."""
    right = sum(not outcome.problems for outcome in outcomes)
    verified = sum(outcome.verified for outcome in outcomes)
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
        outcome.scenario.check,
        outcome.scenario.decision,
        paint("green" if good else "red", outcome.decision or "nothing"),
        outcome.reason or "-",
        *timings,
        outcome.frame or "-",
        paint("green", "yes") if outcome.verified else paint("red", "no"),
    ]


def compare_ledger(scenarios: Sequence[Scenario], calls: Sequence[dict[str, Any]]) -> list[str]:
    """Differences between the calls that should have been made and the emulator's ledger.

    Every action counts, SenseID's paths too, except CreateUploadUrl.
    """
    expected: Counter[tuple[str, str]] = Counter()
    for scenario in scenarios:
        for name, count in scenario.calls.items():
            expected[scenario.action, name] += count
        expected[SEQUENCE_ACTION, "pass"] += scenario.light_sequence
    got = Counter(
        (str(call["action"]), str(call["scenario"]))
        for call in calls
        if call["action"] not in _UNCOUNTED
    )
    return [
        f"{got[key]} calls of {key[0]} with scenario {key[1]}, expected {expected[key]}"
        for key in sorted(expected | got)
        if got[key] != expected[key]
    ]
