"""One HTTP try of a webhook: to the checked address, no redirects, bounded in time and bytes.

A failure before anything was sent may be the endpoint's or our own network's. So the sender then
asks whether a control server can be reached, one that the deployment needs anyway: the vendor's. If
not, the fault is ours (`network_down`). No error code of a resolver or a socket tells the two
apart: a broken zone looks like a resolver that is down, and a firewall like a route that is gone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress

from liveproof import __version__
from liveproof.clock import milliseconds_since
from liveproof.domain.delivery import WebhookResponse
from liveproof.facts import WebhookSchedule
from liveproof.outbound.connection import connect
from liveproof.outbound.deadline import Deadline
from liveproof.outbound.errors import ExchangeFailed, NeverSent
from liveproof.outbound.exchange import exchange
from liveproof.outbound.response import Response
from liveproof.outbound.urls import Origin
from liveproof.ports import Clock
from liveproof.webhooks.addresses import AddressRefused, resolve
from liveproof.webhooks.answers import escape_answer
from liveproof.webhooks.retries import retry_after_seconds
from liveproof.webhooks.urls import parse_endpoint

_CONTROL_SECONDS = 3.0
_MAY_BE_OUR_NETWORK = ("name_not_resolved", "not_connected", "timed_out")


class HttpWebhookSender:
    """Sends by HTTP. Implements `liveproof.ports.WebhookSender`."""

    def __init__(
        self,
        schedule: WebhookSchedule,
        clock: Clock,
        *,
        public_only: bool,
        control: Origin | None = None,
    ) -> None:
        """A sender with the schedule's timeouts.

        Args:
            public_only: refuse http and addresses that are not public.
            control: the server that tells our network's faults from the endpoint's; None: all are
                the endpoint's.
        """
        self._schedule = schedule
        self._clock = clock
        self._public_only = public_only
        self._control = control

    def send(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds_left: float
    ) -> WebhookResponse:
        """POST `body` to `url`. Never raises for what the endpoint or the network does.

        The total timeout holds for all of it, from looking up the name: an endpoint that answers
        byte by byte is cut off. Interim answers (1xx) are passed over, redirects are not followed.
        Asking the control server takes up to three seconds more, of those in `seconds_left`.
        """
        started = time.monotonic()
        try:
            target = parse_endpoint(url)
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
            latency_ms = milliseconds_since(started)
            is_ours = (
                isinstance(failed, NeverSent)
                and failed.why in _MAY_BE_OUR_NETWORK
                and not self._reaches_control(seconds_left - latency_ms / 1000)
            )
            return WebhookResponse(None, "network_down" if is_ours else str(failed), latency_ms)
        with answer:
            body = _first_bytes(answer, self._schedule.response_bytes_read)
            retry_after = retry_after_seconds(answer.headers.get("Retry-After"), self._clock.now())
        latency_ms = milliseconds_since(started)
        text = escape_answer(body) or None
        return WebhookResponse(answer.status, None, latency_ms, retry_after, text)

    def _reaches_control(self, seconds_left: float) -> bool:
        """Whether our network is well; True where that cannot be found out."""
        seconds = min(_CONTROL_SECONDS, seconds_left)
        if self._control is None or seconds <= 0:
            return True
        without_tls = Origin(False, self._control.host, self._control.port)
        try:
            connect(without_tls, Deadline(seconds), seconds).close()
        except NeverSent:
            return False
        return True


def _first_bytes(answer: Response, most: int) -> bytes:
    """The answer's first bytes. The status stands without them, so their loss is no failure."""
    body = bytearray()
    with suppress(ExchangeFailed):
        while len(body) < most and (part := answer.read(most - len(body))):
            body += part
    return bytes(body)
