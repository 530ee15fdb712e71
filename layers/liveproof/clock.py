"""The system's clock."""

from __future__ import annotations

import time


class SystemClock:
    """Wall-clock time in milliseconds since 1970, UTC."""

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def sleep_until(self, at: int) -> None:
        time.sleep(max(0, at - self.now()) / 1000)
