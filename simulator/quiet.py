"""A run's own logs, metrics and random numbers, in place of the process's.

The use cases log through `liveproof.observability` and draw ids and jitter from the standard
library. A simulation counts its log lines instead of writing them, and its numbers come from its
seed: two runs of one plan are equal.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from liveproof import observability
from liveproof.domain import ids
from simulator.meter import Meter


class _Counted:
    """What `observability` writes to: its logger and its metrics."""

    def __init__(self, meter: Meter) -> None:
        self._events = meter.events

    def info(self, event: str, **_: object) -> None:
        self._events[event] += 1

    def error(self, event: str, **_: object) -> None:
        self._events[event] += 1

    def add(self, *_: object) -> None:
        return


class _Bits:
    """What `ids` takes of `secrets`."""

    def __init__(self, seed: int) -> None:
        self.randbits = random.Random(f"{seed}.ids").getrandbits


@contextmanager
def quiet(meter: Meter, seed: int) -> Iterator[None]:
    """Until the block ends, log lines are counted and every random number follows from the seed."""
    counted = _Counted(meter)
    replaced: list[tuple[Any, str, Any]] = [
        (observability, "logger", counted),
        (observability, "metrics", counted),
        (ids, "secrets", _Bits(seed)),
    ]
    originals = [(module, name, getattr(module, name)) for module, name, _ in replaced]
    state = random.getstate()
    random.seed(seed)
    try:
        for module, name, value in replaced:
            setattr(module, name, value)
        yield
    finally:
        for module, name, value in originals:
            setattr(module, name, value)
        random.setstate(state)
