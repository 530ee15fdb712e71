"""From the last PUT to the webhook through the deployed service, and how a burst drains."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from typing import Any

from bench import bare_hops, verifications
from bench.figure import BenchError, Figure
from local import cloud

_RUNS, _WARM_UP = 20, 2
_OFFERED = 40
# The vendor's limit for the paid call, as serverless.yml has it.
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
        with bare_hops.deployed(running.aws) as hops:
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
    before = len(running.emulator.calls())
    uploaded = verifications.start_many(running, _OFFERED)
    last = max(verifications.webhook_of(running, each).at for each in uploaded)
    calls = verifications.paid_calls(running.emulator.calls()[before:])
    billed = sum(each["billed"] == "yes" for each in calls)
    if billed != _OFFERED:
        raise BenchError(f"{billed} calls were billed for {_OFFERED} verifications")
    yield Figure(
        "pipeline.burst_drain",
        last - min(each.at for each in uploaded),
        "s",
        (_OFFERED - 1) / _QUOTA,
        f"{_OFFERED} calls at {_QUOTA:.0f} per second, the quota",
        extra={"offered": _OFFERED, "calls": len(calls)},
    )
    yield Figure(
        "pipeline.burst_throttled",
        _throttled(calls),
        "calls",
        _OFFERED,
        "the verifications offered at once",
        0.0,
    )


def _throttled(calls: list[dict[str, Any]]) -> int:
    return sum(each["code"] == _THROTTLED for each in calls)
