"""Sustained intake at the highest rate that the machine holds: waits, and memory."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench import verifications
from tools.demo import samples
from tools.local.cloud import LocalCloud

_CHECK = "photo"
_RATES = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 18.0)
"""Verifications a second; the vendor's quota of the check is 20."""
_HELD_SECONDS = 2.0
"""A rate is held if the last webhook comes so soon after the last upload, at most, and every
request left within that time of its turn."""
_STARTERS = 8
_LOOK_SECONDS = 2.0
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Memory:
    """Resident memory of processes over time, in MB.

    Attributes:
        first, last: of the local cloud together, of workers on average.
        slope: MB a minute in the second half, when everything has been used once.
    """

    first: float
    last: float
    slope: float


@dataclass(frozen=True)
class Sustained:
    """What the sustained intake came to; waits are in seconds, from PUT to webhook."""

    rate: float
    seconds: float
    verifications: int
    p50: float
    p95: float
    p99: float
    cloud: Memory
    worker: Memory


@dataclass(frozen=True)
class _Intake:
    waits: list[float]
    latest_start: float
    drained_after: float


def sustain(
    cloud: LocalCloud, seconds: float, step_seconds: float, say: Callable[[str], None]
) -> Sustained:
    """Find the highest rate that is held for `step_seconds`, then keep it up for `seconds`."""
    rate = _RATES[0]
    for tried in _RATES:
        say(f"intake at {tried:g} a second for {step_seconds:g} s")
        step = _take_in(cloud, tried, step_seconds, lambda: None)
        if max(step.latest_start, step.drained_after) > _HELD_SECONDS:
            break
        rate = tried
    looks: list[tuple[float, float, float]] = []

    def look() -> None:
        if not looks or time.monotonic() - looks[-1][0] >= _LOOK_SECONDS:
            looks.append((time.monotonic(), *_memory(cloud)))
            say(f"intake at {rate:g} a second: {looks[-1][0] - looks[0][0]:.0f} of {seconds:g} s")

    held = _take_in(cloud, rate, seconds, look)
    looks.append((time.monotonic(), *_memory(cloud)))
    cuts = statistics.quantiles(held.waits, n=100, method="inclusive")
    of_cloud = _slope([(at, cloud_mb) for at, cloud_mb, _ in looks])
    of_workers = _slope([(at, workers_mb) for at, _, workers_mb in looks])
    return Sustained(
        rate, seconds, len(held.waits), cuts[49], cuts[94], cuts[98], of_cloud, of_workers
    )


def _take_in(cloud: LocalCloud, rate: float, seconds: float, look: Callable[[], None]) -> _Intake:
    """Verifications at a steady rate."""
    rng = samples.new_rng()
    inputs = [{"image": samples.photo(None, rng)} for _ in range(max(2, round(rate * seconds)))]
    late: list[float] = []
    began = time.monotonic()
    with ThreadPoolExecutor(_STARTERS) as pool:

        def start(number: int) -> verifications.Uploaded:
            late.append(time.monotonic() - began - number / rate)
            return verifications.start(cloud, inputs[number], check=_CHECK)

        pending = []
        for number in range(len(inputs)):
            look()
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            pending.append(pool.submit(start, number))
        uploaded = [one.result() for one in pending]
    arrived = verifications.wait_for_webhooks(cloud, uploaded)
    waits = [arrived[upload.id] - upload.at for upload in uploaded]
    return _Intake(waits, max(late), max(arrived.values()) - max(upload.at for upload in uploaded))


def _memory(cloud: LocalCloud) -> tuple[float, float]:
    """MB of the local cloud's own processes, and of a worker on average.

    The emulator keeps uploads, so the former grow. There are more workers under more load, so it is
    the average that must stay flat.
    """
    workers = set(cloud.deployment.workers())
    own = set(_descendants(os.getpid())) - workers
    return _resident(own), _resident(workers) / max(1, len(workers))


def _descendants(process: int) -> Iterator[int]:
    """Linux only: it reads /proc."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has ended
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    waiting = list(parents.get(process, []))
    while waiting:
        child = waiting.pop()
        yield child
        waiting += parents.get(child, [])


def _resident(processes: set[int]) -> float:
    pages = 0
    for process in processes:
        try:
            pages += int(Path(f"/proc/{process}/statm").read_text().split()[1])
        except OSError:
            continue  # it has ended
    return pages * _PAGE / 1e6


def _slope(looks: list[tuple[float, float]]) -> Memory:
    second_half = looks[len(looks) // 2 :]
    if len({at for at, _ in second_half}) < 2:
        second_half = looks
    line = statistics.linear_regression(*zip(*second_half, strict=True))
    return Memory(looks[0][1], looks[-1][1], line.slope * 60)
