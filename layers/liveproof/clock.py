"""Times. A time is an integer: milliseconds since 1970, UTC."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def now_ms() -> int:
    """The system's time. Use cases take theirs from the Clock port."""
    return time.time_ns() // 1_000_000


def milliseconds_since(started: float) -> int:
    """How long ago a time of `time.monotonic` was."""
    return round((time.monotonic() - started) * 1000)


def iso(milliseconds: int) -> str:
    """RFC 3339 in UTC with milliseconds, such as 2026-11-20T21:14:03.512Z."""
    moment = datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


def milliseconds(moment: datetime) -> int:
    """A time with its time zone as milliseconds since 1970, UTC; a part of one is left out."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


class SystemClock:
    """The Clock port: the system's time."""

    def now(self) -> int:
        return now_ms()

    def sleep_until(self, at: int) -> None:
        time.sleep(max(0, at - self.now()) / 1000)
