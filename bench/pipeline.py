"""Verifications on their way through the deployed service on each cloud."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from bench import bare_hops_aws, bare_hops_tencent, burst, create_latency, verifications
from bench.figure import Figure
from tools.local import cloud

_RUNS, _WARM_UP = 20, 2
# Longer than a slot of the quota, so that no verification waits for the one before.
_PAUSE_SECONDS = 0.25


class _BareHops(Protocol):
    def milliseconds(self, key: str) -> float: ...


_Deployed = Callable[[cloud.LocalCloud], AbstractContextManager[_BareHops]]
_BARE_HOPS: dict[str, _Deployed] = {
    "aws": bare_hops_aws.deployed,
    "tencent": bare_hops_tencent.deployed,
}


def measure() -> Iterator[Figure]:
    """On each cloud one after the other, then all at once.

    Raises:
        BenchError: a verification did not pass, was paid twice or got no webhook.
    """
    for name, deployed in _BARE_HOPS.items():
        with cloud.running(name) as running:
            yield create_latency.figure(running)
            with deployed(running) as hops:
                yield _sequential(running, hops)
            yield from burst.figures(running)


def _sequential(running: cloud.LocalCloud, hops: _BareHops) -> Figure:
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
        f"pipeline.{running.name}.put_to_webhook",
        # The local AWS looks into a resting queue every 50 ms, so that a median jumps by that.
        statistics.fmean(own),
        "ms",
        statistics.fmean(bare),
        "the same hops with functions that only pass the key on",
        extra={
            "runs": _RUNS,
            "emulator_ms": statistics.median(vendors),
            "fastest_ms": min(own),
            "slowest_ms": max(own),
        },
    )
