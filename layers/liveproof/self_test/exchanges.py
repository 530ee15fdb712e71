"""HTTP exchanges of a self-test, and what they tell of the other side's clock."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from liveproof.clock import now_ms
from liveproof.outbound.deadline import Deadline
from liveproof.outbound.errors import ExchangeFailed
from liveproof.outbound.exchange import exchange
from liveproof.outbound.urls import parse_target

SECONDS = 5.0
"""For one exchange."""


class TrialFailed(Exception):
    """A trial did not succeed; the text says why."""


def fetch_status(
    method: str, url: str, headers: dict[str, str], body: bytes | None
) -> tuple[int, int | None]:
    """Status and skew of any answer. Raises TrialFailed if there is none."""
    try:
        with exchange(
            method, parse_target(url), headers, body,
            deadline=Deadline(SECONDS), connect_seconds=SECONDS,
        ) as response:  # fmt: skip
            return response.status, _skew_ms(response.headers.get("Date"))
    except ExchangeFailed as failed:
        host = parse_target(url).origin.host
        raise TrialFailed(f"{host} does not answer: {failed.why}") from None


def _skew_ms(date: str | None) -> int | None:
    """How far a Date header, which has whole seconds, is ahead of our clock."""
    try:
        at = round(parsedate_to_datetime(date or "").timestamp() * 1000)
    except (TypeError, ValueError):
        return None
    ahead, behind = at - now_ms(), now_ms() - at - 999
    return ahead if ahead > 0 else -behind if behind > 0 else 0
