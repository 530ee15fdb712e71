"""A deployment that nobody has used yet: how long its first verifications take, under a load."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from bench import verifications
from bench.figure import Figure
from tools.demo import samples
from tools.local.cloud import CLOUDS, LocalCloud, run_cloud

_PHOTOS_PER_SECOND, _SECONDS = 5.0, 40.0
_PART_SECONDS = 10.0
_MOST_AT_ONCE = 40
_WARM = 2.0
"""A verification that takes so many times the usual time met a cold start."""


def measure() -> Iterator[Figure]:
    """On each cloud, right after its deployment.

    Raises:
        BenchError: a verification did not pass, or got no webhook.
    """
    for name in CLOUDS:
        with run_cloud(name) as cloud:
            yield figure(name, _photos(cloud))


def figure(name: str, took: Sequence[tuple[float, float]]) -> Figure:
    """The figure of a cloud.

    Args:
        took: for each photo when it came, in seconds since the first, and how many seconds passed
            from its PUT to its webhook.
    """
    first = statistics.median(seconds for at, seconds in took if at < _PART_SECONDS)
    usual = statistics.median(seconds for at, seconds in took if at >= _SECONDS - _PART_SECONDS)
    cold = [at for at, seconds in took if seconds > _WARM * usual]
    return Figure(
        f"warm_up.{name}.photo",
        first * 1000,
        "ms",
        usual * 1000,
        f"the same {_SECONDS - _PART_SECONDS:g} seconds later: median from PUT to webhook",
        extra={
            "warm_after_s": max(cold, default=0.0),
            "longest_s": max(seconds for _, seconds in took),
        },
    )


def _photos(cloud: LocalCloud) -> list[tuple[float, float]]:
    """A steady load; see `figure`."""
    inputs = [
        {"image": samples.photo(None, samples.new_rng())}
        for _ in range(int(_PHOTOS_PER_SECOND * _SECONDS))
    ]
    due = [number / _PHOTOS_PER_SECOND for number in range(len(inputs))]
    began = time.monotonic()

    def start(number: int) -> verifications.Uploaded:
        time.sleep(max(0.0, began + due[number] - time.monotonic()))
        return verifications.start(cloud, inputs[number], check="photo")

    with ThreadPoolExecutor(_MOST_AT_ONCE) as pool:
        uploaded = list(pool.map(start, range(len(inputs))))
    arrived = verifications.wait_for_webhooks(cloud, uploaded)
    return [(at, arrived[photo.id] - photo.at) for at, photo in zip(due, uploaded, strict=True)]
