"""Messages that are lost or come twice, as every cloud's may."""

from __future__ import annotations

import random

_LATEST_COPY_MS = 30_000.0


class Chaos:
    """Chooses what happens to a message.

    Args:
        lost_share: of all messages.
        copied_share: of all messages, how many come twice.
        shuffled: copies and originals come late, in any order.
    """

    def __init__(
        self, lost_share: float, copied_share: float, seed: int, *, shuffled: bool = False
    ) -> None:
        self._lost, self._copied, self._shuffled = lost_share, copied_share, shuffled
        self._random = random.Random(f"{seed}.chaos")

    def copies(self) -> int:
        """How often a message arrives."""
        if self._lost == 0 and self._copied == 0:
            return 1
        drawn = self._random.random()
        if drawn < self._lost:
            return 0
        return 2 if drawn < self._lost + self._copied else 1

    def delay_ms(self) -> float:
        """How late a message arrives."""
        return self._random.uniform(0, _LATEST_COPY_MS) if self._shuffled else 0.0
