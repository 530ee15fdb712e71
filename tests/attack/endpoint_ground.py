"""One webhook by the real sender, and a server that keeps what it receives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from liveproof.clock import SystemClock
from liveproof.domain.delivery import WebhookResponse
from liveproof.facts import webhook_schedule
from liveproof.webhooks.sender import HttpWebhookSender
from tests.support.servers import read_request

Serve = Callable[[Any], None]
Received = list[bytes]


def send(
    url: str, *, public_only: bool, total: float = 2, seconds_left: float = 60
) -> WebhookResponse:
    """One webhook by the real sender."""
    schedule = replace(webhook_schedule(), connect_timeout_seconds=1, total_timeout_seconds=total)
    sender = HttpWebhookSender(schedule, SystemClock(), public_only=public_only)
    return sender.send(url, {"webhook-id": "msg_1"}, b'{"a": 1}', seconds_left)


def result(response: WebhookResponse) -> str:
    return str(response.status or response.error)


def keeping(received: Received, answer: bytes) -> Serve:
    def serve(connection: Any) -> None:
        received.append(read_request(connection))
        connection.sendall(answer)

    return serve
