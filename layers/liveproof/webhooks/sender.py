"""One HTTP try of a webhook: to the checked address, no redirects, bounded in time and bytes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress

from liveproof import __version__
from liveproof.clock import milliseconds_since
from liveproof.domain.delivery import WebhookResponse
from liveproof.facts import WebhookSchedule
from liveproof.outbound.deadline import Deadline
from liveproof.outbound.errors import ExchangeFailed
from liveproof.outbound.exchange import exchange
from liveproof.ports import Clock
from liveproof.webhooks.addresses import AddressRefused, resolve
from liveproof.webhooks.retries import retry_after_seconds
from liveproof.webhooks.urls import endpoint_of


class HttpWebhookSender:
    """Sends by HTTP. Implements `liveproof.ports.WebhookSender`."""

    def __init__(self, schedule: WebhookSchedule, clock: Clock, *, public_only: bool) -> None:
        """A sender with the schedule's timeouts.

        Args:
            public_only: refuse http and addresses that are not public.
        """
        self._schedule = schedule
        self._clock = clock
        self._public_only = public_only

    def send(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds_left: float
    ) -> WebhookResponse:
        """POST `body` to `url`. Never raises for what the endpoint or the network does.

        The total timeout holds for all of it, from looking up the name: an endpoint that answers
        byte by byte is cut off. Interim answers (1xx) are passed over, redirects are not followed.
        """
        started = time.monotonic()
        try:
            target = endpoint_of(url)
        except ValueError:
            return WebhookResponse(None, "url_unusable", 0)
        if target is None or (self._public_only and not target.origin.tls):
            return WebhookResponse(None, "url_not_https", 0)
        deadline = Deadline(min(self._schedule.total_timeout_seconds, seconds_left))
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
                connect_seconds=self._schedule.connect_timeout_seconds,
                addresses=resolve(host, port, deadline, public_only=self._public_only),
            )
        except (AddressRefused, ExchangeFailed) as failed:
            return WebhookResponse(None, str(failed), milliseconds_since(started))
        with answer:
            # The status is the answer; what follows is read to end the connection in order.
            with suppress(ExchangeFailed):
                answer.whole(self._schedule.response_bytes_read)
            retry_after = retry_after_seconds(answer.headers.get("Retry-After"), self._clock.now())
        return WebhookResponse(answer.status, None, milliseconds_since(started), retry_after)
