"""Verifications on their way through the deployed service on each cloud."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from bench import verifications
from bench.figure import Figure
from bench.hops import bare_hops_aws, bare_hops_tencent, create_latency
from tools.demo import samples
from tools.local.cloud import LocalCloud, run_cloud

_RUNS, _WARM_UP = 20, 2
# Longer than a slot of the quota, so that no verification waits for the one before.
_PAUSE_SECONDS = 0.25


class _BareHops(Protocol):
    def milliseconds(self, key: str) -> float: ...


_Deployed = Callable[[LocalCloud], AbstractContextManager[_BareHops]]
_BARE_HOPS: dict[str, _Deployed] = {
    "aws": bare_hops_aws.deployed,
    "tencent": bare_hops_tencent.deployed,
}


def measure() -> Iterator[Figure]:
    """On each cloud, one verification after the other.

    Raises:
        BenchError: a verification did not pass, was paid twice or got no webhook.
    """
    for name, deployed in _BARE_HOPS.items():
        with run_cloud(name) as cloud:
            yield create_latency.figure(cloud)
            with deployed(cloud) as hops:
                yield _sequential(cloud, hops)


def _sequential(cloud: LocalCloud, hops: _BareHops) -> Figure:
    rng = samples.new_rng()
    ours, bare, vendors = [], [], []
    for number in range(_WARM_UP + _RUNS):
        before = len(cloud.emulator.calls())
        uploaded = verifications.start(cloud, verifications.files(rng), _PAUSE_SECONDS)
        total = (verifications.wait_for_webhook(cloud, uploaded) - uploaded.at) * 1000
        vendor = sum(call["latency_ms"] for call in cloud.emulator.calls()[before:])
        hopping = hops.milliseconds(f"passes/{number}")
        if number >= _WARM_UP:
            ours.append(total - vendor)
            vendors.append(vendor)
            bare.append(hopping)
    return Figure(
        f"pipeline.{cloud.name}.put_to_webhook",
        # The local AWS polls an idle queue every 50 ms, so that a median jumps by that.
        statistics.fmean(ours),
        "ms",
        statistics.fmean(bare),
        "the same hops with functions that only pass the key on",
        extra={
            "runs": _RUNS,
            "emulator_ms": statistics.median(vendors),
            "fastest_ms": min(ours),
            "slowest_ms": max(ours),
        },
    )
