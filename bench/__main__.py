"""`python -m bench [--only NAME ...]`: JSON lines on standard output, a table on standard error.

The exit status is 0 if everything was measured and every goal is met.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time

from bench.figure import BenchError, Figure, table
from liveproof_client import LiveproofError
from tools.command import exit_status
from tools.processes import ToolError

# Each benchmark's module of this package, with a `measure() -> Iterator[Figure]`; the quick ones
# first.
BENCHMARKS = {
    "presign": "presigning.presign",
    "verify_md5": "verify_md5",
    "encoding": "encoding",
    "cold_import": "cold_start.cold_import",
    "emulator_rate": "emulator_rate",
    "sql_driver": "sql.sql_driver",
    "deliveries": "delivery.deliveries",
    "backlog": "delivery.backlog",
    "sizes": "sizes",
    "first_event": "cold_start.first_event",
    "pipeline": "hops.pipeline",
    "warm_up": "bursts.warm_up",
    "burst": "bursts.burst",
}


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmarks; 1 after a failure or a missed goal."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--only", action="append", choices=BENCHMARKS, metavar="NAME",
                        help=f"one of {', '.join(BENCHMARKS)}; may be repeated")  # fmt: skip
    benchmarks = parser.parse_args(arguments).only or BENCHMARKS
    return report(*run([name for name in BENCHMARKS if name in benchmarks]))


def run(names: list[str]) -> tuple[list[Figure], list[str]]:
    """Measures and prints each figure. Returns the figures and a line per failed benchmark."""
    figures: list[Figure] = []
    failures: list[str] = []
    started = time.monotonic()
    for name in names:
        say(f"{time.monotonic() - started:5.1f} s  {name}")
        try:
            for figure in importlib.import_module(f"bench.{BENCHMARKS[name]}").measure():
                figures.append(figure)
                print(figure.line(), flush=True)
        except (BenchError, ToolError, OSError) as error:
            failures.append(f"{name}: {error}")
            say(failures[-1])
    say(f"{time.monotonic() - started:5.1f} s  done\n")
    return figures, failures


def report(figures: list[Figure], failures: list[str]) -> int:
    """Shows the table and the verdict; the process's exit status."""
    say(table(figures, sys.stderr, dict(os.environ)))
    goals = [figure.goal_met for figure in figures if figure.goal_met is not None]
    for failure in failures:
        say(f"not measured: {failure}")
    say(f"bench: {len(figures)} figures, {sum(goals)} of {len(goals)} goals met")
    return 0 if all(goals) and not failures else 1


def say(text: str) -> None:
    """Text for people, on standard error."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(exit_status(main, LiveproofError))
