"""The half of the Secrets port that every cloud shares: a secret is kept for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable

from liveproof import observability
from liveproof.observability import Event
from liveproof.ports import Clock

REFRESH_MS = 10_000
"""A container refreshes a secret once in so long, however many wrong keys it is shown."""


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
        self._refreshed: dict[str, int] = {}
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

    def refresh(self, name: str) -> bool:
        """See `Secrets.refresh`."""
        with self._lock:
            now = self._clock.now()
            last = self._refreshed.get(name)
            if last is not None and now - last < REFRESH_MS:
                return False
            self._refreshed[name] = now
            try:
                value = self._read(name)
            except Exception as error:  # noqa: BLE001 - the cached one is still there
                observability.record_failure(Event.SECRET_NOT_REFRESHED, error)
                return False
            before = self._cache.get(name)
            self._cache[name] = (now, value)
            return before is None or before[1] != value
