"""From the last PUT to the webhook through the deployed service, and how a burst drains."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bench import bare_hops, verifications
from bench.figure import BenchError, Figure
from local import cloud
from local.aws import deployment

_RUNS, _WARM_UP = 20, 2
_OFFERED, _WARM_BURST = 30, 15
# The vendor's limit for the paid call; serverless.yml asks for a little less.
_QUOTA = 5.0
# Longer than a slot of the quota, so that no verification waits for the one before.
_PAUSE_SECONDS = 0.25
_THROTTLED = "RequestLimitExceeded"


def measure() -> Iterator[Figure]:
    """One after the other, then all at once.

    Raises:
        BenchError: a verification did not pass, was paid twice or got no webhook.
    """
    with cloud.running() as running:
        with bare_hops.deployed(deployment.of(running).aws) as hops:
            yield _sequential(running, hops)
        yield from _burst(running)


def _sequential(running: cloud.LocalCloud, hops: bare_hops.BareHops) -> Figure:
    nonce = random.Random(time.time_ns())  # noqa: S311 - contents of sample files
    own, bare, vendors = [], [], []
    for number in range(_WARM_UP + _RUNS):
        before = len(running.emulator.calls())
        uploaded = verifications.start(running, nonce, _PAUSE_SECONDS)
        total = (verifications.webhook_of(running, uploaded).at - uploaded.at) * 1000
        vendor = sum(each["latency_ms"] for each in running.emulator.calls()[before:])
        hopping = hops.milliseconds(f"passes/{number}")
        if number >= _WARM_UP:
            own.append(total - vendor)
            vendors.append(vendor)
            bare.append(hopping)
    return Figure(
        "pipeline.put_to_webhook",
        statistics.median(own),
        "ms",
        statistics.median(bare),
        "the same hops with functions that only pass the key on",
        extra={
            "runs": _RUNS,
            "emulator_ms": statistics.median(vendors),
            "slowest_ms": max(own),
        },
    )


def _burst(running: cloud.LocalCloud) -> Iterator[Figure]:
    # A first burst starts the workers; how long that takes is not the quota's doing.
    _drained(running, _WARM_BURST)
    calls, seconds = _drained(running, _OFFERED)
    paid = verifications.paid_calls(calls)
    moments = sorted(_seconds(each["at"]) for each in paid)
    yield Figure(
        "pipeline.burst_drain",
        moments[-1] - moments[0],
        "s",
        (_OFFERED - 1) / _QUOTA,
        f"{_OFFERED} calls at {_QUOTA:.0f} per second, the vendor's quota",
        extra={"offered": _OFFERED, "first_upload_to_last_webhook_s": seconds},
    )
    yield Figure(
        "pipeline.burst_throttled",
        _throttled(paid),
        "calls",
        _OFFERED,
        "the verifications offered at once",
        0.0,
        {"throttled_free_calls": _throttled(calls) - _throttled(paid)},
    )


def _drained(running: cloud.LocalCloud, count: int) -> tuple[list[dict[str, Any]], float]:
    """Offers verifications at once; the vendor's calls, and seconds until the last webhook."""
    before = len(running.emulator.calls())
    uploaded = verifications.start_many(running, count)
    last = max(verifications.webhook_of(running, each).at for each in uploaded)
    calls = running.emulator.calls()[before:]
    billed = sum(each["billed"] == "yes" for each in verifications.paid_calls(calls))
    if billed != count:
        raise BenchError(f"{billed} calls were billed for {count} verifications")
    return calls, last - min(each.at for each in uploaded)


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()


def _throttled(calls: list[dict[str, Any]]) -> int:
    return sum(each["code"] == _THROTTLED for each in calls)
