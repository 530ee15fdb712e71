"""How long things take: log-normal distributions, each drawn from its own random stream."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

_Z95 = 1.6448536269514722
"""The 95th percentile of the standard normal distribution."""

_DATA = Path(__file__).parent / "data" / "latencies.json"


class Percentiles(Struct, frozen=True):
    """A latency by its median and its 95th percentile, in ms."""

    p50: float
    p95: float
    source: str = ""


class _Clouds(Struct, frozen=True):
    clouds: dict[str, dict[str, Percentiles]]


@cache
def of_cloud(cloud: str) -> Mapping[str, Percentiles]:
    """What each operation of a cloud takes (`data/latencies.json`)."""
    return msgspec.json.decode(_DATA.read_bytes(), type=_Clouds).clouds[cloud]


class Latency:
    """A latency that varies. Log-normal: never negative, with the long tail of latencies.

    Args:
        seed: streams of different seeds are independent, those of the same seed equal.
    """

    def __init__(self, percentiles: Percentiles, seed: str) -> None:
        if not 0 < percentiles.p50 <= percentiles.p95:
            raise ValueError("a latency needs 0 < p50 <= p95")
        self._mu = math.log(percentiles.p50)
        self._sigma = (math.log(percentiles.p95) - self._mu) / _Z95
        self._draw = random.Random(seed).gauss

    def sample(self) -> float:
        """Milliseconds."""
        return math.exp(self._draw(self._mu, self._sigma))


class Latencies:
    """The latencies of a cloud's operations in one run."""

    def __init__(
        self, cloud: str, seed: int, changes: Mapping[str, Percentiles] | None = None
    ) -> None:
        self._seed = seed
        self._percentiles = {**of_cloud(cloud), **(changes or {})}
        unknown = set(changes or {}) - set(of_cloud(cloud))
        if unknown:
            raise ValueError(f"no operation has the name {', '.join(sorted(unknown))}")
        self._streams: dict[str, Latency] = {}

    def sample(self, operation: str) -> float:
        """Milliseconds of one operation. Raises KeyError for one that the cloud does not have."""
        stream = self._streams.get(operation)
        if stream is None:
            stream = Latency(self._percentiles[operation], f"{self._seed}.{operation}")
            self._streams[operation] = stream
        return stream.sample()
