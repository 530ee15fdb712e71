"""Pauses between attempts, and the clock that they go by."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import anyio


class Clock:
    """The time of pauses and limits; tests replace it."""

    def now(self) -> float:
        """Seconds; only differences mean something."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Blocks for some seconds."""
        time.sleep(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Lets other tasks run for some seconds."""
        await anyio.sleep(seconds)


def backoff(failures: int, first: float, longest: float) -> float:
    """Seconds before the next attempt: twice as long each time, half of it drawn at random.

    Args:
        failures: attempts that failed, at least 1.
        first: seconds after the first.
        longest: seconds that no pause exceeds.
    """
    usual = min(longest, first * 2.0 ** (failures - 1))
    return usual * random.uniform(0.5, 1)  # noqa: S311 - spreads attempts, hides nothing


def limit_async(seconds: float) -> AbstractContextManager[object]:
    """Ends the block with TimeoutError after some seconds."""
    return anyio.fail_after(max(0.0, seconds))


@contextmanager
def limit_sync(seconds: float) -> Iterator[None]:
    """Nothing: blocking code looks at the clock itself between two pieces of an answer."""
    yield
