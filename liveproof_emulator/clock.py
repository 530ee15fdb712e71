"""The emulator's clock, which the controls can move."""

import time
from datetime import datetime, timezone


class Clock:
    """The machine's clock, moved forward for everybody, or skewed against the callers' clocks."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Go back to the machine's time."""
        self._advanced = 0.0
        self._skew = 0.0

    def advance(self, seconds: float) -> None:
        """Let time pass for everybody: URLs and stored objects expire, callers' clocks move too."""
        self._advanced += seconds

    def skew(self, seconds: float) -> None:
        """Set how far the vendor's clock is ahead of its callers'."""
        self._skew = seconds

    def now(self) -> float:
        """Unix seconds of the vendor, with which URLs and objects expire."""
        return time.time() + self._advanced + self._skew

    def seen_by_callers(self) -> float:
        """Unix seconds that the time of a caller's signature is compared with.

        Callers sign with the machine's clock. So the seconds of `advance` are left out: otherwise
        every later call would be refused as too old.
        """
        return time.time() + self._skew

    def monotonic(self) -> float:
        """Monotonic seconds, for rate limits."""
        return time.monotonic() + self._advanced


def iso(seconds: float) -> str:
    """Unix seconds as RFC 3339 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
