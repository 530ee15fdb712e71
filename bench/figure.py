"""A figure: a measured value beside its baseline."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TextIO

from tools.demo.table import Paint, render


class BenchError(Exception):
    """A benchmark could not be measured, or what it measured did not work as it should."""


@dataclass(frozen=True)
class Figure:
    """One measured value and the baseline that it is compared with.

    Attributes:
        name: `subject.part`, or `subject.cloud.part` where each cloud has its own figure.
        unit: of the value and of the baseline.
        baseline_name: what the baseline is, in words.
        at_most: the goal: the largest ratio that is good enough. None: there is no goal.
        extra: more of what was seen, such as counts and spreads.
    """

    name: str
    value: float
    unit: str
    baseline: float
    baseline_name: str
    at_most: float | None = None
    extra: dict[str, float | int | str] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Value over baseline."""
        return self.value / self.baseline

    @property
    def goal_met(self) -> bool | None:
        """Whether the ratio is within the goal; None without one."""
        return None if self.at_most is None else self.ratio <= self.at_most

    def line(self) -> str:
        """The figure as one line of JSON."""
        document: dict[str, object] = {
            "figure": self.name,
            "value": _rounded(self.value),
            "unit": self.unit,
            "baseline": _rounded(self.baseline),
            "baseline_name": self.baseline_name,
            "ratio": _rounded(self.ratio),
        }
        if self.at_most is not None:
            document |= {"goal_ratio_at_most": _rounded(self.at_most), "goal_met": self.goal_met}
        return json.dumps(document | {name: _tidy(value) for name, value in self.extra.items()})


def table(figures: list[Figure], stream: TextIO, environment: dict[str, str]) -> str:
    """The figures as a table for people."""
    paint = Paint.for_stream(stream, environment)
    rows = []
    for figure in figures:
        goal = "-" if figure.at_most is None else f"<= {figure.at_most:.3g}"
        met = {None: "-", True: paint("green", "met"), False: paint("red", "MISSED")}
        rows.append(
            [
                figure.name,
                f"{_plain(figure.value)} {figure.unit}",
                _plain(figure.baseline),
                f"{figure.ratio:.3g}",
                goal,
                met[figure.goal_met],
                figure.baseline_name,
            ]
        )
    columns = ("figure", "value", "baseline", "ratio", "goal", "", "baseline is")
    return render(columns, rows, ("value", "baseline", "ratio", "goal"))


def _rounded(value: float) -> float:
    """Four significant digits are more than a benchmark knows; counts stay whole."""
    if isinstance(value, int) or abs(value) >= 10_000:
        return round(value)
    return float(f"{value:.4g}")


def _tidy(value: float | int | str) -> float | int | str:
    return _rounded(value) if isinstance(value, float) else value


def _plain(value: float) -> str:
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
