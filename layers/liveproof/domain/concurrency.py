"""How many runs of `run_check` a check needs at once, so that its vendor's quota is used up."""

from __future__ import annotations

import math

LEAST_RUNS = 2
"""Always at least this many: with one, the quota would be idle from the end of a run until the
next one has started."""


def runs_at_once(calls_per_second: float, run_seconds: float) -> int:
    """Little's law: the pace multiplied by the time of a run.

    Fewer leave slots of the quota unused. More only wait for each other's slots.

    Args:
        calls_per_second: the check's pace.
        run_seconds: how long a run usually takes, its wait for a slot included.
    """
    return max(LEAST_RUNS, math.ceil(calls_per_second * run_seconds))
