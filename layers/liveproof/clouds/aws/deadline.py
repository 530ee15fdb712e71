"""When a Lambda function is stopped."""

from __future__ import annotations

from typing import Any


def deadline(context: Any, now: int) -> int:
    """When the function is stopped, ms since 1970."""
    return now + int(context.get_remaining_time_in_millis())
