"""Programs timed in fresh interpreters, one after the other and interleaved.

A program reads its input from `INPUT`, sets `STARTED` and `ENDED` to what `CLOCK()` says around
what is measured, and may set `RESULT`. The interpreter's own start is not counted, on either side.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.figure import BenchError
from tools import BUILD, ROOT
from tools.processes import clean_environment

SEARCH_PATH = (ROOT / "layers", ROOT)
# Bytecode of the benchmarks' own: always there after the first run, and never in the source tree.
_BYTECODE = BUILD / "bench" / "pycache"
_SECONDS = 60
# json is imported beforehand for both sides: both clouds' own bootstraps have it before a handler.
_BEFORE = "import json, sys, time\nINPUT, CLOCK = json.load(sys.stdin), time.{clock}\n"
_AFTER = "\nprint('\\nMEASURED', json.dumps([(ENDED - STARTED) * 1000, globals().get('RESULT')]))\n"


@dataclass(frozen=True)
class Program:
    """What one interpreter runs.

    Attributes:
        input: is `INPUT` in the source; JSON.
        environment: beside the cleaned one of this process.
        path: the import path.
        bytecode: whether bytecode of what `path` holds is made and kept by the benchmarks. If not,
            there is only what lies beside the sources.
        isolated: without the packages of this interpreter: `path` holds everything.
    """

    source: str
    input: Any = None
    environment: Mapping[str, str] = field(default_factory=dict)
    path: Sequence[Path] = SEARCH_PATH
    bytecode: bool = True
    isolated: bool = False


def run_once(program: Program, clock: str = "perf_counter") -> tuple[float, Any]:
    """Runs the program once; the milliseconds that it measured, and its result.

    Args:
        clock: the function of `time` that measures: `process_time` leaves out all waiting.

    Raises:
        BenchError: it failed; the text shows its errors.
    """
    environment = clean_environment(program.environment)
    # An inherited switch would make every child compile every module anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPATH"] = os.pathsep.join(map(str, program.path))
    if program.bytecode:
        environment["PYTHONPYCACHEPREFIX"] = str(_BYTECODE)
    else:
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    options = ("-S", "-s") if program.isolated else ()
    done = subprocess.run(
        [sys.executable, *options, "-c", _BEFORE.format(clock=clock) + program.source + _AFTER],
        input=json.dumps(program.input),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        env=environment,
        cwd=BUILD,
        check=False,
    )
    marker, _, document = (done.stdout.strip().splitlines() or [""])[-1].partition(" ")
    if done.returncode or marker != "MEASURED":
        raise BenchError(f"a measured program ended with {done.returncode}\n{done.stderr[-3000:]}")
    taken, result = json.loads(document)
    return float(taken), result


def run_interleaved(
    programs: Mapping[str, Program],
    runs: int,
    summarize: Callable[[Sequence[float]], float] = statistics.median,
    clock: str = "perf_counter",
) -> dict[str, float]:
    """The time of each program in milliseconds: by default the median of its runs.

    Every round runs each program once, so that a busy moment of the machine meets them all. A round
    before the first is not counted: it compiles what has no bytecode and fills the page cache.
    """
    times: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(runs + 1):
        for name, program in programs.items():
            taken, _ = run_once(program, clock)
            if number:
                times[name].append(taken)
    return {name: summarize(taken) for name, taken in times.items()}
