"""The emulator's time, which its controls can move."""

import time
from datetime import datetime, timezone


class Clock:
    """Two movements: time that passes for everybody, and a skew only the vendor has."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Back to the machine's own time."""
        self._advanced = 0.0
        self._skew = 0.0

    def advance(self, seconds: float) -> None:
        """Let time pass: URLs and stored objects grow older, callers' clocks move as well."""
        self._advanced += seconds

    def skew(self, seconds: float) -> None:
        """Set how far the vendor's clock is ahead of its callers'."""
        self._skew = seconds

    def now(self) -> float:
        """Unix seconds as the vendor's storage sees them."""
        return time.time() + self._advanced + self._skew

    def seen_by_callers(self) -> float:
        """Unix seconds that a caller's signature time is compared with.

        Callers sign with the machine's clock, so time let pass by `advance` has to be left out:
        otherwise every call after it would be refused as too old.
        """
        return time.time() + self._skew

    def monotonic(self) -> float:
        """Seconds for rate windows."""
        return time.monotonic() + self._advanced


def iso(seconds: float) -> str:
    """Unix seconds as RFC 3339 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
