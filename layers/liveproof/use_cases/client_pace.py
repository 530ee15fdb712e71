"""The pace at which a client may ask for something that costs others time."""

from __future__ import annotations

import math

from liveproof.dependencies import Dependencies
from liveproof.quota import QuotaFull, limit_of_client
from liveproof.use_cases.errors import TooSoon


def take_turn(
    dependencies: Dependencies, subject: str, client_name: str, per_second: float, detail: str
) -> None:
    """Take the client's next turn, if it is there now.

    All functions share the pace: it is a row of the quota.

    Args:
        subject: what has the pace, such as `resend`.
        detail: of the refusal, for the client.

    Raises:
        TooSoon: the turn comes later, and the error says when.
    """
    now = dependencies.clock.now()
    try:
        limit = limit_of_client(subject, client_name)
        dependencies.quota.reserve(limit, per_second, now, now)
    except QuotaFull as full:
        seconds = math.ceil((full.free_at - now) / 1000)
        raise TooSoon(detail, retry_after=seconds) from None
