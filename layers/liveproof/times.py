"""Times as the API writes them, and how long something took.

Inside, a time is an integer: milliseconds since 1970, UTC.
"""

from __future__ import annotations

import time
from datetime import datetime, timezone


def iso(milliseconds: int) -> str:
    """RFC 3339 in UTC with milliseconds, such as 2026-11-20T21:14:03.512Z."""
    moment = datetime.fromtimestamp(milliseconds / 1000, tz=timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


def milliseconds_since(started: float) -> int:
    """Since a time of `time.monotonic`."""
    return round((time.monotonic() - started) * 1000)
