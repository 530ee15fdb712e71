"""Arrivals, paid calls and decisions over time as a picture: SVG, drawn by Vega-Lite.

`vl-convert` holds Vega-Lite and the fonts' measures, needs neither browser nor network, and draws
the same picture from the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import vl_convert

from simulator.simulation import Simulation

_POINTS = 120
_VERSION = "6.4"
_COLOURS = {"arrivals": "#6b7280", "calls": "#2563eb", "decisions": "#059669"}
_THROTTLED = "throttled calls"


def draw(runs: dict[str, Simulation]) -> str:
    """The picture of one run or of several, one below the other, as SVG.

    Args:
        runs: by the title of each.
    """
    charts = [chart for title, run in runs.items() for chart in _charts(title, run)]
    specification = {
        "$schema": f"https://vega.github.io/schema/vega-lite/v{_VERSION}.json",
        "vconcat": charts,
        "config": {
            "font": "sans-serif",
            "view": {"stroke": None},
            "axis": {"grid": True, "gridColor": "#e5e7eb", "domainColor": "#9ca3af"},
            "background": "white",
        },
    }
    return str(vl_convert.vegalite_to_svg(specification, vl_version=_VERSION)) + "\n"


def _charts(title: str, run: Simulation) -> Iterator[dict[str, Any]]:
    events = _events(run)
    end = max((moments[-1] for moments in events.values() if moments), default=1.0)
    minutes = end > 600
    unit, scale = ("minutes", 60.0) if minutes else ("seconds", 1.0)
    values = [
        {"time": round(at / scale, 3), "count": count, "what": what}
        for what, moments in events.items()
        for at, count in _steps(moments, end)
    ]
    yield {
        "title": {"text": title, "anchor": "start", "fontSize": 13},
        "width": 620,
        "height": 200,
        "data": {"values": values},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
        "encoding": {
            "x": {"field": "time", "type": "quantitative", "title": f"{unit} since the first"},
            "y": {"field": "count", "type": "quantitative", "title": "verifications so far"},
            "color": {
                "field": "what",
                "type": "nominal",
                "title": None,
                "scale": {
                    "domain": list(events),
                    "range": [_COLOURS.get(what, "#dc2626") for what in events],
                },
            },
        },
    }


def _events(run: Simulation) -> dict[str, list[float]]:
    """When each thing happened, in seconds, in order."""
    events = {
        "arrivals": [trace.put_at for trace in run.traces if trace.put_at is not None],
        "calls": [call.at for call in run.vendor.calls if not call.throttled],
        "decisions": [trace.decided_at for trace in run.traces if trace.decided_at is not None],
    }
    throttled = [call.at for call in run.vendor.calls if call.throttled]
    if throttled:
        events[_THROTTLED] = throttled
    return {what: sorted(at / 1_000_000 for at in moments) for what, moments in events.items()}


def _steps(moments: Sequence[float], end: float) -> Iterator[tuple[float, int]]:
    """How many there were so far, at evenly spaced times."""
    done = 0
    yield 0.0, 0
    for point in range(1, _POINTS + 1):
        at = end * point / _POINTS
        while done < len(moments) and moments[done] <= at:
            done += 1
        yield at, done
