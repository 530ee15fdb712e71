"""Whom a backlog makes wait: another check, and another client of the same check."""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Iterator

from bench import verifications
from bench.figure import BenchError, Figure
from bench.verifications import Uploaded
from tools.demo import samples
from tools.local.clients import CLIENT, new_client
from tools.local.cloud import LocalCloud, run_cloud

_FEW = 5
_PHOTOS, _PHOTOS_PER_SECOND = 40, 4.0
_WARM_BURST = 12
_BESIDE_A_BURST = 1.5
_IN_ONE_LINE = 0.5
# A slow pace of `reflect`: the backlog is long although it is small.
_PACE = 1.0
_PARAMETERS = {
    "aws": {"callsPerSecond": json.dumps({"reflect": _PACE})},
    "tencent": {"calls_per_second": json.dumps({"reflect": _PACE})},
}


def measure(name: str, count: int) -> Iterator[Figure]:
    """On its own cloud, beside a backlog of `count` reflect verifications of one client.

    Raises:
        BenchError: a verification did not pass, or the backlog was gone too early.
    """
    clients = [new_client(CLIENT), new_client("other")]
    with run_cloud(name, _PARAMETERS[name], clients) as cloud:
        first, other = (client.api_key for client in clients)
        _start_workers(cloud)
        photos_alone, few_alone = _photos(cloud, _PHOTOS), _seconds_of_few(cloud, other)
        backlog = verifications.start_many(cloud.api, first, count)
        verifications.wait_until_proven(cloud, backlog)
        yield Figure(
            f"burst.{name}.photo_beside_reflect",
            _percentile(_photos(cloud, _PHOTOS)) * 1000,
            "ms",
            _percentile(photos_alone) * 1000,
            "p95 from the last PUT of a photo to its webhook without the backlog",
            _BESIDE_A_BURST,
            {"photos": _PHOTOS, "reflect": count},
        )
        before = _left(cloud, backlog)
        few_beside = _seconds_of_few(cloud, other)
        yield Figure(
            f"burst.{name}.few_beside_many",
            few_beside,
            "s",
            before / _PACE,
            f"the time that the first client's backlog takes at {_PACE:g} a second",
            _IN_ONE_LINE,
            {"few": _FEW, "alone_s": few_alone, "before": before, "left": _left(cloud, backlog)},
        )


def _start_workers(cloud: LocalCloud) -> None:
    """Both checks at once, as in what is measured: they share the containers of `run_check`."""
    some = verifications.start_many(cloud.api, cloud.api_key, _WARM_BURST)
    _photos(cloud, _PHOTOS // 4)
    verifications.wait_for_webhooks(cloud, some)


def _left(cloud: LocalCloud, backlog: list[Uploaded]) -> int:
    left = len(verifications.missing_webhooks(cloud, backlog))
    if left == 0:
        raise BenchError("the backlog was gone too early: BURST has to be larger")
    return left


def _seconds_of_few(cloud: LocalCloud, api_key: str) -> float:
    """From the first upload of a few verifications to their last webhook."""
    began = time.monotonic()
    few = verifications.start_many(cloud.api, api_key, _FEW)
    return max(verifications.wait_for_webhooks(cloud, few).values()) - began


def _photos(cloud: LocalCloud, count: int) -> list[float]:
    """Seconds from PUT to webhook of photos that come at a steady rate."""
    rng = samples.new_rng()
    uploaded: list[Uploaded] = []
    began = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number / _PHOTOS_PER_SECOND - time.monotonic()))
        uploaded.append(_photo(cloud, rng))
    arrived = verifications.wait_for_webhooks(cloud, uploaded)
    return [arrived[upload.id] - upload.at for upload in uploaded]


def _photo(cloud: LocalCloud, rng: random.Random) -> Uploaded:
    inputs = {"image": samples.photo(None, rng)}
    return verifications.start(cloud, inputs, check="photo")


def _percentile(values: list[float]) -> float:
    """The 95th."""
    return statistics.quantiles(values, n=20)[-1]
