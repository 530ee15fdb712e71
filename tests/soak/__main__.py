"""`make soak`: a local cloud on which everything fails at times, then one under a steady load.

    python -m tests.soak [--count N] [--seconds N] [--step-seconds N] [--seed N] [--json]

The variable CLOUD names the local cloud. First, N verifications meet the emulator's faults while
webhooks are refused and workers are killed. Then verifications come for so many seconds at the
highest rate that this machine holds. Tables go to standard output, progress to standard error. The
exit status is 1 after a violation, 2 for a misuse, 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict

from tests.soak.faults import SHARE, Soaked, soak
from tests.soak.intake import Sustained, sustain
from tests.support.command_output import own_output, show_progress, table
from tests.support.local_clouds import PARAMETERS
from tools.command import exit_status
from tools.local import cloud

_LIMIT_SECONDS = 900.0
_PARAMETERS = ("callsPerSecond", "calls_per_second")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--count", type=int, default=500, help="verifications with faults; 0: none")
    parser.add_argument("--seconds", type=float, default=600, help="of steady intake; 0: none")
    parser.add_argument("--step-seconds", type=float, default=10, help="to try each rate for")
    parser.add_argument("--seed", type=int, default=1, help="for faults and kills")
    parser.add_argument("--json", action="store_true", help="an object for each part")
    return parser


def main(arguments: list[str]) -> int:
    """The exit status."""
    options = _parser().parse_args(arguments)
    name = cloud.choose(os.environ)
    short_times = {key: value for key, value in PARAMETERS[name].items() if key not in _PARAMETERS}
    out = own_output()
    violations: tuple[str, ...] = ()
    with cloud.run_cloud(name, short_times) as running:
        if options.count > 0:
            soaked = soak(running, options.count, options.seed, _LIMIT_SECONDS, show_progress)
            violations = soaked.violations
            print(
                json.dumps(asdict(soaked)) if options.json else _of_faults(soaked),
                file=out,
                flush=True,
            )
        if options.seconds > 0:
            running.emulator.reset()
            held = sustain(running, options.seconds, options.step_seconds, show_progress)
            print(
                json.dumps(asdict(held)) if options.json else _of_intake(held), file=out, flush=True
            )
    show_progress("")
    return 1 if violations else 0


def _of_faults(soaked: Soaked) -> str:
    ends = sorted(soaked.ends.items(), key=lambda end: -end[1])
    counts = [
        ("verifications", soaked.verifications),
        (f"met a fault of the vendor ({SHARE:.0%})", soaked.met),
        ("workers killed", soaked.killed),
        ("webhooks refused", soaked.refused),
        ("paid calls executed", soaked.paid),
        ("outcomes unknown", soaked.unknown),
        *((f"ended as {end}", count) for end, count in ends),
        ("violations", len(soaked.violations)),
    ]
    shown = table(("faults", "count"), [(label, str(count)) for label, count in counts])
    return "\n".join([shown, "", *(f"VIOLATION  {text}" for text in soaked.violations)])


def _of_intake(held: Sustained) -> str:
    lines = [
        ("verifications a second", f"{held.rate:g}"),
        ("verifications", str(held.verifications)),
        ("put to webhook, p50", f"{held.p50:.3f} s"),
        ("put to webhook, p95", f"{held.p95:.3f} s"),
        ("put to webhook, p99", f"{held.p99:.3f} s"),
    ]
    for label, memory in (("local cloud", held.cloud), ("average worker", held.worker)):
        lines.append((f"memory of the {label}", f"{memory.first:.0f} to {memory.last:.0f} MB"))
        lines.append((f"its slope, {label}", f"{memory.slope:+.2f} MB a minute"))
    return table(("intake", f"{held.seconds:g} s"), lines)


if __name__ == "__main__":
    sys.exit(exit_status(lambda: main(sys.argv[1:])))
