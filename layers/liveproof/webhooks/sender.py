"""One HTTP try of a webhook: to the checked address, no redirects, bounded in time and bytes."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timezone
from email.utils import parsedate_to_datetime

from liveproof import __version__
from liveproof.clock import milliseconds_since
from liveproof.facts import WebhookSchedule
from liveproof.outbound.deadline import Deadline
from liveproof.outbound.errors import ExchangeFailed
from liveproof.outbound.exchange import exchange
from liveproof.webhooks.addresses import AddressRefused, resolve
from liveproof.webhooks.urls import endpoint_of


@dataclass(frozen=True)
class Response:
    """How an endpoint took a webhook.

    Attributes:
        status: the HTTP status, None when there was no answer.
        error: why there was no answer, a short code: url_not_https, url_unusable,
            name_not_resolved, address_not_public, timed_out, not_connected, tls_failed or
            no_answer.
        retry_after: seconds that the endpoint asked to wait, None without a usable header.
    """

    status: int | None
    error: str | None
    latency_ms: int
    retry_after: float | None = None

    @property
    def accepted(self) -> bool:
        """Standard Webhooks: only a 2xx counts."""
        return self.status is not None and 200 <= self.status < 300


def send(
    url: str,
    body: bytes,
    headers: dict[str, str],
    *,
    schedule: WebhookSchedule,
    seconds_left: float,
    public_only: bool,
) -> Response:
    """POST `body` to `url`. Never raises for what the endpoint or the network does.

    The total timeout holds for all of it, from looking up the name: an endpoint that answers byte
    by byte is cut off. Interim answers (1xx) are passed over, redirects are not followed.

    Args:
        seconds_left: the function's remaining time; caps the schedule's timeouts.
        public_only: refuse http and addresses that are not public.
    """
    started = time.monotonic()
    try:
        target = endpoint_of(url)
    except ValueError:
        return Response(None, "url_unusable", 0)
    if target is None or (public_only and not target.origin.tls):
        return Response(None, "url_not_https", 0)
    deadline = Deadline(min(schedule.total_timeout_seconds, seconds_left))
    try:
        host, port = target.origin.host, target.origin.port
        answer = exchange(
            "POST",
            target,
            {
                **headers,
                "Content-Type": "application/json",
                "User-Agent": f"liveproof/{__version__}",
            },
            body,
            deadline=deadline,
            connect_seconds=schedule.connect_timeout_seconds,
            addresses=resolve(host, port, deadline, public_only=public_only),
        )
    except (AddressRefused, ExchangeFailed) as failed:
        return Response(None, str(failed), milliseconds_since(started))
    with answer:
        # The status is the answer; what follows is read to end the connection in order.
        with suppress(ExchangeFailed):
            answer.whole(schedule.response_bytes_read)
        retry_after = _retry_after(answer.headers.get("Retry-After"))
    return Response(answer.status, None, milliseconds_since(started), retry_after)


def _retry_after(value: str | None) -> float | None:
    """RFC 9110, 10.2.3: seconds, or a date. None for anything else, whoever sent it."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return max(0.0, moment.timestamp() - time.time())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
