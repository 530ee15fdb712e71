"""The Heartbeats port: when something happened last, by name. `liveproof doctor` reads it.

sweep                 the sweep ended
bucket_trigger        the event of a probe's upload arrived; the detail is the probe's token
self_test:FUNCTION    a function tried whether it may write
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

SWEEP = "sweep"
BUCKET_TRIGGER = "bucket_trigger"
SELF_TEST = "self_test:"


class Heartbeat(NamedTuple):
    """The last time (ms since 1970), and a short text without personal data."""

    at: int
    detail: str


class Heartbeats(Protocol):
    """One row per name."""

    def beat(self, name: str, at: int, detail: str = "") -> None:
        """Write the row over the one before."""

    def last(self, name: str) -> Heartbeat | None:
        """The row; None if there never was one."""
