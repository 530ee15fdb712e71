"""What a plan takes where it names nothing: the vendor's usual latency, the usual concurrency."""

from __future__ import annotations

import math

from liveproof import facts
from simulator.latency import Percentiles

_TAIL = 1.6
"""The 95th percentile is assumed to be so many times the median."""

_LEAST, _MOST = 2, 1000
"""What AWS takes as an event source's maximum concurrency."""


def latency_of(check: str) -> Percentiles:
    """The usual latency of a check's paid call, as `checks.json` assumes it."""
    milliseconds = _usual_seconds(check)[2] * 1000
    return Percentiles(milliseconds, milliseconds * _TAIL)


def concurrency_of(check: str, pace: float) -> int:
    """How many runs at once use the whole pace: infra/aws/checks.js computes the same."""
    return min(_MOST, max(_LEAST, math.ceil(pace * sum(_usual_seconds(check)))))


def _usual_seconds(check: str) -> tuple[float, float, float]:
    """The parts of a usual run: the relay, the wait for the slot, the call."""
    known = facts.checks()[check]
    usual = getattr(known, "usual_run_seconds", None)
    if usual is None:
        return {
            "reflect": (1.0, 1.0, 4.0),
            "video": (1.0, 0.5, 4.0),
            "photo": (0.0, 0.5, 1.0),
        }.get(check, (0.0, 0.5, 3.5))
    return usual.relay, usual.wait, usual.call
