"""What first events took, by function; the first round is not counted."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from bench.figure import Figure
from bench.interpreters import Program, run_once

_BASELINE = ""


class Times:
    """Measures programs of one cloud, round after round."""

    def __init__(self) -> None:
        self._taken: defaultdict[str, list[float]] = defaultdict(list)

    def baseline(self, program: Program) -> None:
        """Runs what the events are compared with. Raises BenchError if it fails."""
        self.event(_BASELINE, program)

    def event(self, name: str, program: Program) -> Any:
        """Runs one event in its own interpreter; its RESULT. Raises BenchError."""
        taken, result = run_once(program)
        self._taken[name].append(taken)
        return result

    def figures(self, subject: str, baseline: str, goals: Mapping[str, float]) -> Iterator[Figure]:
        """One per name, in alphabetical order; `goals` has the largest good ratio by name.

        The first round only fills the bytecode, the page cache and the database's schema.
        """
        medians = {name: statistics.median(times[1:]) for name, times in self._taken.items()}
        floor = medians.pop(_BASELINE)
        for name in sorted(medians):
            figure = f"{subject}.{name}"
            yield Figure(figure, medians[name], "ms", floor, baseline, goals.get(name))
