"""`make attack`: every row of every side, and a table of the outcomes.

    python -m tests.attack [--side NAME]... [--cloud aws|tencent]... [--row TEXT] [--gate] [--json]

Progress goes to standard error, tables to standard output; `--json` writes a JSON object for each
row instead. The last line is `attack: N of N rows as expected`; the exit status is 1 if there are
others, 2 for a misuse, 130 after Ctrl-C.
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
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TextIO

from tests.attack.registry import SIDES
from tests.attack.rows import Outcome, Row, Side, run
from tests.support import local_clouds
from tests.support.command_output import own_output, show_progress, table
from tools.command import exit_status
from tools.local.cloud import CLOUDS, LocalCloud
from tools.processes import UsageError

_WIDEST = 78


@dataclass(frozen=True)
class Done:
    """A row that was run."""

    side: Side
    cloud: str | None
    row: Row
    outcome: Outcome
    seconds: float

    def document(self) -> dict[str, object]:
        return {
            "side": self.side.name,
            "cloud": self.cloud,
            "row": self.row.name,
            "expected": self.row.expected,
            "result": self.outcome.got,
            "as_expected": self.outcome.as_expected,
            "seconds": round(self.seconds, 2),
        }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make attack", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--side", action="append", choices=[side.name for side in SIDES])
    parser.add_argument("--cloud", action="append", choices=CLOUDS)
    parser.add_argument("--row", metavar="TEXT", help="only rows whose name has this text")
    parser.add_argument("--gate", action="store_true", help="without the slow rows, as `make test`")
    parser.add_argument("--json", action="store_true", help="a JSON object for each row")
    return parser


def _chosen(options: argparse.Namespace) -> list[tuple[Side, str | None, list[Row]]]:
    """The rows to run: first those without a cloud, then cloud by cloud."""
    rows_by_side = []
    for cloud in (None, *CLOUDS):
        for side in SIDES:
            if cloud not in side.clouds() or (options.side and side.name not in options.side):
                continue
            if options.cloud and cloud not in options.cloud:
                continue
            rows = [
                row
                for row in side.rows(cloud)
                if (options.row is None or options.row in row.name)
                and not (options.gate and row.slow)
            ]
            if rows:
                rows_by_side.append((side, cloud, rows))
    return rows_by_side


def _play(chosen: list[tuple[Side, str | None, list[Row]]]) -> Iterator[Done]:
    """Runs every row; a local cloud is started when its first row comes."""
    with ExitStack() as stack:
        clouds: dict[str, LocalCloud] = {}
        for side, cloud, rows in chosen:
            if cloud is not None and cloud not in clouds:
                clouds[cloud] = stack.enter_context(local_clouds.running(cloud))
            with side.ground(None if cloud is None else clouds[cloud]) as ground:
                for number, row in enumerate(rows, 1):
                    show_progress(f"{_title(side, cloud)}  {number}/{len(rows)}  {row.name}")
                    started = time.monotonic()
                    outcome = run(row, ground)
                    yield Done(side, cloud, row, outcome, time.monotonic() - started)


def _title(side: Side, cloud: str | None) -> str:
    return side.name if cloud is None else f"{side.name} on {cloud}"


def _table(done: list[Done]) -> str:
    head = ("row", "expected", "result", "verdict")
    lines = [
        tuple(
            _short(text)
            for text in (
                row.row.name,
                row.row.expected,
                row.outcome.got,
                "ok" if row.outcome.as_expected else "NOT AS EXPECTED",
            )
        )
        for row in done
    ]
    return table(head, lines)


def _short(text: str) -> str:
    """In one line, every character to be seen."""
    plain = text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
    return plain if len(plain) <= _WIDEST else plain[: _WIDEST - 1] + "…"


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    out = own_output()
    chosen = _chosen(options)
    if not chosen:
        raise UsageError("no row has this side, cloud and name")
    done: list[Done] = []
    of_side: list[Done] = []
    for finished in _play(chosen):
        if of_side and (finished.side, finished.cloud) != (of_side[0].side, of_side[0].cloud):
            _print_side(of_side, out, as_json=options.json)
            of_side = []
        of_side.append(finished)
        done.append(finished)
        if options.json:
            print(json.dumps(finished.document()), file=out, flush=True)
    _print_side(of_side, out, as_json=options.json)
    wrong = [finished for finished in done if not finished.outcome.as_expected]
    if not options.json:
        for finished in wrong:
            print(
                f"NOT AS EXPECTED  {_title(finished.side, finished.cloud)}: {finished.row.name}",
                file=out,
            )
        print(
            f"attack: {len(done) - len(wrong)} of {len(done)} rows as expected",
            file=out,
            flush=True,
        )
    return 1 if wrong else 0


def _print_side(done: list[Done], out: TextIO, *, as_json: bool) -> None:
    show_progress("")
    right = sum(finished.outcome.as_expected for finished in done)
    title = _title(done[0].side, done[0].cloud)
    if as_json or not sys.stderr.isatty():
        sys.stderr.write(f"{title}: {right} of {len(done)} rows as expected\n")
        sys.stderr.flush()
    if not as_json:
        print(f"\n{title}: {done[0].side.title}\n\n{_table(done)}\n", file=out, flush=True)


if __name__ == "__main__":
    sys.exit(exit_status(lambda: main(sys.argv[1:])))
