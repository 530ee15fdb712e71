"""How metrics leave a function: as lines of its log, in CloudWatch's embedded metric format.

On AWS, CloudWatch makes metrics of them. On Tencent Cloud, alarms and searches read the lines.
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_lambda_powertools.metrics import EphemeralMetrics


class Emission:
    """The metrics of a run until they are written: one line for each set of dimensions."""

    def __init__(self) -> None:
        self._lines: dict[tuple[tuple[str, str], ...], EphemeralMetrics] = {}

    def add(self, name: str, unit: str, value: float, dimensions: Mapping[str, str]) -> None:
        """Add a value; the dimension `service` is on every metric."""
        key = tuple(dimensions.items())
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = EphemeralMetrics()
            for dimension, of in key:
                line.add_dimension(dimension, of)
        line.add_metric(name=name, unit=unit, value=value)

    def flush(self) -> None:
        """Write the lines."""
        lines, self._lines = self._lines, {}
        for line in lines.values():
            if line.metric_set:  # a hundred values of one name were written at once
                line.flush_metrics()
