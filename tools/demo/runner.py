"""`make demo`: real files through every check, each step shown, every expectation compared."""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from tools.demo.player import Outcome, Player, Progress
from tools.demo.scenarios import Scenario
from tools.demo.table import Paint, render
from tools.local.cloud import LocalCloud
from tools.processes import tail

_MILLISECONDS = ("create", "put", "decision", "webhook")
COLUMNS = (
    "scenario", "check", "expected", "got", "reason code", *_MILLISECONDS, "best frame", "verified",
)  # fmt: skip
SEQUENCE_ACTION = "GenerateReflectSequence"
# They bring files to the vendor and are asked again when a slot was missed: no number is right.
_UNCOUNTED = {"CreateUploadUrl"}
# The local AWS starts a process per message: more at once would only wait for each other.
_AT_ONCE = 4


def run(cloud: LocalCloud, scenarios: Sequence[Scenario], notes: Sequence[str] = ()) -> int:
    """Runs the scenarios, prints the table and the verdict; the process's exit status.

    Args:
        notes: lines about the user's own files.
    """
    paint = Paint.for_stream(sys.stdout, os.environ)
    width = max(len(each.name) for each in scenarios)
    for each in scenarios:
        print(f"  {each.name:<{width}} {each.title}: {each.decision} ({each.reason})")
    for line in notes:
        print(f"  {line}")
    print(flush=True)
    outcomes = play_all(Player(cloud, Progress(paint, width)), scenarios)
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


class Plays(Protocol):
    """What play_all asks of a player."""

    def fetch_sequence(self, scenario: Scenario) -> list[str]: ...

    def play(self, scenario: Scenario) -> Outcome: ...

    def stop(self) -> None: ...


def play_all(player: Plays, scenarios: Sequence[Scenario]) -> list[Outcome]:
    """The outcomes in the scenarios' order.

    Light sequences are fetched first; then those that wait for their expiry begin at once. A
    signal ends it at once: nobody waits for what is still played.
    """
    sequences = {
        each.name: player.fetch_sequence(each) for each in scenarios if each.light_sequence
    }
    waiting = [each for each in scenarios if not each.send]
    pool = ThreadPoolExecutor(_AT_ONCE + len(waiting))
    try:
        ordered = waiting + [each for each in scenarios if each.send]
        running = {each.name: pool.submit(player.play, each) for each in ordered}
        outcomes = [running[each.name].result() for each in scenarios]
    except BaseException:
        player.stop()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    for each in outcomes:
        each.problems[:0] = sequences.get(each.scenario.name, [])
    return outcomes


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

    Every action counts, SenseID's paths too, but CreateUploadUrl.
    """
    expected: Counter[tuple[str, str]] = Counter()
    for each in scenarios:
        for name, count in each.calls.items():
            expected[each.action, name] += count
        expected[SEQUENCE_ACTION, "pass"] += each.light_sequence
    got = Counter(
        (str(each["action"]), str(each["scenario"]))
        for each in calls
        if each["action"] not in _UNCOUNTED
    )
    return [
        f"{got[key]} calls of {key[0]} with scenario {key[1]}, expected {expected[key]}"
        for key in sorted(expected | got)
        if got[key] != expected[key]
    ]


def nonce() -> random.Random:
    """A source of file contents that no earlier run had."""
    return random.Random(os.urandom(16))  # noqa: S311 - contents of sample files, not secrets
