"""The Limits port: counters of a day, and the files that were rejected lately.

A counter is a row of the store that all functions share. `domain/limits.py` has the rules. Times
are ms since 1970.
"""

from __future__ import annotations

from typing import Protocol

from liveproof.domain.limits import Counts, Most


class Limits(Protocol):
    """Counters by name, and digests of rejected files. What is over is deleted."""

    def take(self, counter: str, added: Counts, most: Most, keep_until: int) -> Counts:
        """Add to a counter, unless that would pass `most`: one conditional update.

        Of any number of callers at the same time none brings the counter past `most`. A request
        whose answer was lost is made again, and may then be counted twice.

        Returns:
            The counter after it.

        Raises:
            LimitReached: nothing was counted.
        """

    def counts(self, counter: str) -> Counts:
        """What a counter has counted so far; zeros if nothing."""

    def give_back(self, counter: str, back: Counts) -> None:
        """Subtract from a counter, if it is still there; at most once.

        Raises:
            Exception: it may not have been subtracted. The counter is too high then, never too low.
        """

    def remember(self, digest: str, until: int) -> None:
        """Remember a digest until a time."""

    def remembered_until(self, digest: str, now: int) -> int | None:
        """Until when a digest is remembered at `now`; None if it is not."""

    def forget(self, digest: str) -> None:
        """Forget a digest now."""
