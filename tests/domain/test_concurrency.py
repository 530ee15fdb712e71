"""How many runs of a check are needed at once."""

from __future__ import annotations

import pytest

from liveproof.domain.concurrency import runs_at_once


@pytest.mark.parametrize(
    ("calls_per_second", "run_seconds", "runs"),
    [(5, 6, 30), (5, 1.5, 8), (50, 1.5, 75), (0.1, 1, 2), (4.5, 6, 27)],
)
def test_the_pace_times_the_time_of_a_run_rounded_up(
    calls_per_second: float, run_seconds: float, runs: int
) -> None:
    assert runs_at_once(calls_per_second, run_seconds) == runs
