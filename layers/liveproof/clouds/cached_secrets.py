"""The half of the Secrets port that every cloud shares: a secret is kept for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable

from liveproof.ports import Clock


class CachedSecrets:
    """Secrets by name, each kept for `lifetime` seconds, so that a changed one is picked up.

    Args:
        read: a secret's text by its name. Raises SecretUnusable.
    """

    def __init__(self, read: Callable[[str], bytes], lifetime: int, clock: Clock) -> None:
        self._read = read
        self._lifetime_ms = lifetime * 1000
        self._clock = clock
        self._cache: dict[str, tuple[int, bytes]] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> bytes:
        with self._lock:  # two threads that need the same one read it once
            now = self._clock.now()
            cached = self._cache.get(name)
            if cached is not None and now - cached[0] < self._lifetime_ms:
                return cached[1]
            value = self._read(name)
            self._cache[name] = (now, value)
            return value
