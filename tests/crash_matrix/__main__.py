"""`make crash-matrix`: functions stopped at every moment, in every check, and how it all ends.

    python -m tests.crash_matrix [--way NAME]... [--policy NAME] [--vendor NAME] [--messages NAME]
        [--stops N] [--seed N] [--jobs N] [--json]
    python -m tests.crash_matrix --run ID

A moment is right before or right after an operation of a port or an exchange with a vendor. At each
of them a run is killed, and another meets an error that may occur there. The table goes to standard
output, or with `--json` an object for each run; progress goes to standard error. The exit status is
1 after a violation, 2 for a misuse, 130 after Ctrl-C.
"""

from __future__ import annotations

import os

# powertools reads these when liveproof.observability is imported.
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "liveproof")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "liveproof")

import argparse
import json
import sys
import time
from dataclasses import asdict
from typing import TextIO

from liveproof.domain.next_move import UnknownPolicy
from tests.crash_matrix.cases import CASES, MESSAGES, VENDORS, parse
from tests.crash_matrix.processes import Done, Finished, Task, in_processes, matrix_of
from tests.support.command_output import own_output, show_progress, table
from tests.support.ways import WAYS
from tools.command import exit_status
from tools.processes import UsageError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make crash-matrix", description=__doc__.split("\n", 1)[0]
    )
    ways, policies = [str(way) for way in WAYS], [policy.value for policy in UnknownPolicy]
    parser.add_argument("--way", action="append", choices=ways, help="a check by one of its APIs")
    parser.add_argument("--policy", choices=policies, help="of unknown outcomes")
    parser.add_argument("--vendor", choices=list(VENDORS), help="what the first paid call meets")
    parser.add_argument("--messages", choices=MESSAGES, help="how the steps' messages arrive")
    parser.add_argument("--stops", type=_positive, help="how many of each case's; all")
    parser.add_argument("--seed", type=int, default=1, help="for the order of events")
    parser.add_argument("--jobs", type=_positive, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--run", metavar="ID", help="this run alone")
    parser.add_argument("--json", action="store_true", help="a JSON object for each run")
    return parser


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 1")
    return int(text)


def main(arguments: list[str]) -> int:
    """The exit status."""
    options = _parser().parse_args(arguments)
    out = own_output()
    if options.run is not None:
        return _repeat(options.run, out)
    tasks = [
        Task(case, options.stops, options.seed)
        for case in CASES
        if (options.way is None or str(case.way) in options.way)
        and options.policy in (None, case.policy.value)
        and options.vendor in (None, case.vendor)
        and options.messages in (None, case.messages)
    ]
    finished: list[Finished] = []
    began = time.monotonic()
    for one in in_processes(tasks, options.jobs):
        finished.append(one)
        runs = sum(len(story.runs) for story in finished)
        show_progress(f"{len(finished)} of {len(tasks)} cases, {runs} runs  {one.case}")
        for run in one.runs:
            if options.json:
                print(json.dumps(asdict(run)), file=out, flush=True)
    show_progress("")
    violating = [run for one in finished for run in one.runs if run.violations]
    if not options.json:
        print(f"\n{_by_way_and_policy(finished)}\n", file=out)
        for run in violating:
            _print_violations(run, out)
    summary = (
        f"crash matrix: {sum(len(one.runs) for one in finished)} runs of {len(finished)} cases,"
        f" {len(violating)} with violations, {time.monotonic() - began:.0f} s"
    )
    print(summary, file=sys.stderr if options.json else out, flush=True)
    return 1 if violating else 0


def _repeat(text: str, out: TextIO) -> int:
    """One run, with the records it leaves."""
    try:
        case, stop, seed = parse(text)
    except ValueError as error:
        raise UsageError(str(error)) from None
    result = matrix_of(seed).run(case, stop)
    print(f"{text}: {result.moment or 'nothing was stopped'}", file=out)
    for line in (*result.story, *(f"VIOLATION {one}" for one in result.violations)):
        print(f"  {line}", file=out)
    return 1 if result.violations else 0


def _by_way_and_policy(finished: list[Finished]) -> str:
    lines = []
    for way in WAYS:
        for policy in UnknownPolicy:
            own = [one for one in finished if (one.case.way, one.case.policy) == (way, policy)]
            runs = [run for one in own for run in one.runs]
            if runs:
                violating = sum(bool(run.violations) for run in runs)
                moments = sum(one.moments for one in own)
                counts = (len(own), moments, len(runs), violating)
                lines.append((str(way), policy.value, *map(str, counts)))
    return table(("check", "policy", "cases", "moments", "runs", "violations"), lines)


def _print_violations(run: Done, out: TextIO) -> None:
    print(f"VIOLATION  {run.moment}: {'; '.join(run.violations)}", file=out)
    print(f'           make crash-matrix ARGS="--run {run.run}"', file=out)


if __name__ == "__main__":
    sys.exit(exit_status(lambda: main(sys.argv[1:])))
