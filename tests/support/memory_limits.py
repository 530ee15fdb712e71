"""The Limits port in memory, with the promises that `liveproof.limits` makes."""

from __future__ import annotations

import threading

from liveproof.domain.limits import Counts, Most, taken
from tests.support.crash_points import CrashPoints


class MemoryLimits:
    """Counters and digests.

    Attributes:
        counters: by name.
        kept_until: until when each counter is kept (ms since 1970).
        digests: until when each is remembered (ms since 1970).
    """

    def __init__(self, crash_points: CrashPoints | None = None) -> None:
        self._crash_points = crash_points or CrashPoints()
        self._lock = threading.Lock()
        self.counters: dict[str, Counts] = {}
        self.kept_until: dict[str, int] = {}
        self.digests: dict[str, int] = {}

    def take(self, counter: str, added: Counts, most: Most, keep_until: int) -> Counts:
        with self._crash_points.around("limits.take"), self._lock:
            after = taken(self.counters.get(counter, Counts()), added, most)
            self.counters[counter] = after
            self.kept_until[counter] = keep_until
            return after

    def counts(self, counter: str) -> Counts:
        return self.counters.get(counter, Counts())

    def give_back(self, counter: str, back: Counts) -> None:
        with self._crash_points.around("limits.give_back"), self._lock:
            if counter in self.counters:
                self.counters[counter] = self.counters[counter].minus(back)

    def remember(self, digest: str, until: int) -> None:
        with self._crash_points.around("limits.remember"):
            self.digests[digest] = until

    def remembered_until(self, digest: str, now: int) -> int | None:
        with self._crash_points.around("limits.remembered_until"):
            until = self.digests.get(digest, 0)
            return until if until > now else None

    def forget(self, digest: str) -> None:
        with self._crash_points.around("limits.forget"):
            self.digests.pop(digest, None)
