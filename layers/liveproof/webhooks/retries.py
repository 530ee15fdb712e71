"""When a webhook is tried again: by the schedule, as the endpoint asks, or after our own fault."""

from __future__ import annotations

import random
from datetime import timezone
from email.utils import parsedate_to_datetime

from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.verification import DeliveryState
from liveproof.facts import WebhookSchedule

_THROTTLED = frozenset({429, 502, 504})
"""Standard Webhooks 1.0.0: the endpoint is overloaded."""

_THROTTLED_DELAY_SECONDS = 60.0
_LONGEST_RETRY_AFTER_SECONDS = 24 * 60 * 60.0

FREQUENT_FAULTS = 300
"""Faults of ours in a row after which a delivery is tried once a day only: three days."""

_FIRST_FAULT_DELAY_MS = 10_000
_LONGEST_FAULT_DELAY_MS = 15 * 60 * 1000
_DAY_MS = 24 * 60 * 60 * 1000


def after_attempt(
    schedule: WebhookSchedule, attempts: int, response: WebhookResponse
) -> tuple[DeliveryState, float | None]:
    """The delivery's state after an attempt, and the seconds until the next one.

    Args:
        attempts: how many were made, this one included.

    Returns:
        None for the seconds unless the state is PENDING.
    """
    if response.accepted:
        return DeliveryState.DELIVERED, None
    if attempts > len(schedule.delays_seconds):
        return DeliveryState.EXHAUSTED, None
    delay = float(schedule.delays_seconds[attempts - 1])
    spread = random.uniform(-1, 1)  # noqa: S311 - spreads retries apart, guards nothing
    delay *= 1 + schedule.jitter * spread
    if response.status in _THROTTLED:
        delay = max(delay, _THROTTLED_DELAY_SECONDS)
    if response.retry_after is not None:
        delay = max(delay, min(response.retry_after, _LONGEST_RETRY_AFTER_SECONDS))
    return DeliveryState.PENDING, delay


def fault_delay_ms(faults: int) -> int:
    """Milliseconds until the next try after a fault of ours.

    Nothing but the record's retention ends a delivery that only faults of ours prevent. So that it
    costs little until then, it is tried once a day after `FREQUENT_FAULTS`.

    Args:
        faults: how many there were in a row before this one.
    """
    if faults + 1 >= FREQUENT_FAULTS:
        return _DAY_MS
    return min(_FIRST_FAULT_DELAY_MS << faults, _LONGEST_FAULT_DELAY_MS)


def retry_after_seconds(header: str | None, now: int) -> float | None:
    """The seconds that a Retry-After header asks for (RFC 9110, 10.2.3): a number, or a date.

    Args:
        header: None if there was none. Whatever else it is, it was written by a stranger.
        now: milliseconds since 1970, for a date.

    Returns:
        None without a usable header.
    """
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return max(0.0, moment.timestamp() - now / 1000)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
