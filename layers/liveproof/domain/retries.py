"""How often a step is tried again when it gets nowhere, and with which waits."""

from __future__ import annotations

from liveproof.domain.breaker import PAUSE_MS
from liveproof.domain.run_times import RETRY_WAIT_SECONDS

VENDOR_FAILURES = 40
"""A vendor that could not be reached so many times (since an operator's release, if there was one)
leads to `error`. With the waits between, that is an hour. Only requests that were made count: what
waits for a slot, or for us, is not held against the vendor."""

VENDOR_DOWN_MS = 2 * 60 * 60 * 1000
"""A verification that was put off for so long in all, because the vendor was down, leads to `error`
too. Nothing was asked of the vendor meanwhile. That is longer than `VENDOR_FAILURES` would have
taken: nobody's verification ends earlier because the vendor is left in peace."""

MOST_RUNS = 100
"""A verification whose call was intended so many times (since the release) ends as `error`. Every
such run may bring the files to the vendor, so none goes on for ever, whatever the cause."""

LONGEST_FAILING_MS = 24 * 60 * 60 * 1000
"""A verification whose step has been due for so long, and never saved anything, is ended."""

LONGEST_MANIFEST_DELAY_MS = 16 * 60 * 1000
"""The longest wait between two tries to store a manifest: that of the sweep's back-off."""

SHORTEST_RETRY_MS = round(RETRY_WAIT_SECONDS * 1000)
LONGEST_RETRY_MS = 120_000
_FACTOR = 1.5


def retry_delay_ms(failures: int) -> int:
    """The wait until the next run, after so many failures before this one."""
    return round(min(SHORTEST_RETRY_MS * _FACTOR ** min(failures, 50), LONGEST_RETRY_MS))


def vendor_down_delay_ms(waited: int) -> int:
    """The wait until the next run while the vendor is down, after so much waiting before (ms).

    It grows by half of the whole, so that a thousand that wait do not all ask all the time.
    """
    return round(min(max(PAUSE_MS, waited / 2), LONGEST_RETRY_MS))


def manifest_delay_ms(waited: int) -> int:
    """The wait until the next try to store a manifest that has waited for so long (ms).

    Each try is a write of the record, which ends the sweep's own back-off.
    """
    return round(min(waited / 2, LONGEST_MANIFEST_DELAY_MS))


def is_stuck(due_at: int | None, now: int) -> bool:
    """Whether a step that is due since `due_at` has failed for so long that it is given up.

    Args:
        due_at: the verification's, which every save moves (ms since 1970, as `now`); None where
            nothing is due.
    """
    return due_at is not None and now - due_at >= LONGEST_FAILING_MS
