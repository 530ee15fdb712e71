"""What a plan takes where it names nothing: the vendor's usual latency, the usual concurrency."""

from __future__ import annotations

from liveproof import facts
from liveproof.domain.concurrency import runs_at_once
from simulator.latency import Percentiles
from tools.docs.settings import params

_TAIL = 1.6
"""The 95th percentile is assumed to be so many times the median."""

_MOST = 1000
"""What AWS takes as an event source's maximum concurrency."""


def latency_of(check: str) -> Percentiles:
    """The usual latency of a check's paid call, as `checks.json` assumes it."""
    milliseconds = facts.checks()[check].usual_run_seconds.call * 1000
    return Percentiles(milliseconds, milliseconds * _TAIL)


def concurrency_of(cloud: str, check: str, pace: float) -> int:
    """How many runs at once use the whole pace: infra/aws/checks.js and
    `liveproof.clouds.tencent.runtime` compute the same."""
    check_facts = facts.checks()[check]
    run = check_facts.usual_run_seconds
    if cloud == "aws" and run.relay > 0:
        pace = min(pace, float(params()["uploadUrlsPerSecond"][1]) / len(check_facts.inputs))
    return min(_MOST, runs_at_once(pace, run.relay + run.wait + run.call))
