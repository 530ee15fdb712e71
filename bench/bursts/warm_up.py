"""A fresh deployment under a steady load: how long its first verifications take.

Functions start while the load is there already, and each start takes processor time from the work.
So the first seconds are slow, most of all on the local AWS, where each function has a process of
its own for every run at once.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from bench import verifications
from bench.figure import Figure
from bench.verifications import Uploaded
from tools.demo import samples
from tools.local.cloud import CLOUDS, LocalCloud, run_cloud

PER_SECOND = 5
SECONDS = 30
SLICE_SECONDS = 5
_UPLOADERS = 2 * PER_SECOND


def measure() -> Iterator[Figure]:
    """From the upload to the webhook, on each cloud.

    Raises:
        BenchError: a verification did not pass, or got no webhook.
    """
    for name in CLOUDS:
        with run_cloud(name) as cloud:
            started = _load(cloud)
            yield figure(name, started, verifications.wait_for_webhooks(cloud, started))


def figure(cloud: str, started: Sequence[Uploaded], arrived: Mapping[str, float]) -> Figure:
    """The median of the first five seconds beside that of the last, with all in between.

    Args:
        arrived: when each webhook came, as `started` has its times.
    """
    medians = _medians(started, arrived)
    names = [f"from_{number * SLICE_SECONDS}_s" for number in range(len(medians))]
    return Figure(
        f"warm_up.{cloud}",
        medians[0],
        "s",
        medians[-1],
        f"the last {SLICE_SECONDS} of {len(medians) * SLICE_SECONDS} seconds",
        extra={"photos_per_second": PER_SECOND, **dict(zip(names, medians, strict=True))},
    )


def _medians(started: Sequence[Uploaded], arrived: Mapping[str, float]) -> list[float]:
    """Seconds from upload to webhook, for each five seconds of uploads that had any."""
    began = min(one.at for one in started)
    slices: dict[int, list[float]] = {}
    for one in started:
        slices.setdefault(int((one.at - began) / SLICE_SECONDS), []).append(
            arrived[one.id] - one.at
        )
    return [statistics.median(slices[number]) for number in sorted(slices)]


def _load(cloud: LocalCloud) -> list[Uploaded]:
    """Photos at a steady rate, whether or not the earlier ones have been answered."""
    began, lock, rng = time.monotonic(), threading.Lock(), samples.new_rng()

    def start(number: int) -> Uploaded:
        time.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
        with lock:
            image = samples.photo(None, rng)
        return verifications.start(cloud, {"image": image}, check="photo")

    with ThreadPoolExecutor(_UPLOADERS) as pool:
        return list(pool.map(start, range(PER_SECOND * SECONDS)))
