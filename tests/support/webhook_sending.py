"""One attempt of a webhook, with a short time for it."""

from __future__ import annotations

from liveproof.clock import SystemClock
from liveproof.domain.delivery import WebhookResponse
from liveproof.facts import WebhookSchedule
from liveproof.webhooks.sender import HttpWebhookSender

QUICK = WebhookSchedule(
    delays_seconds=(1,),
    jitter=0.2,
    connect_timeout_seconds=1,
    total_timeout_seconds=0.5,
    response_bytes_read=1024,
)


def send(
    url: str,
    *,
    schedule: WebhookSchedule = QUICK,
    public_only: bool = False,
    seconds_left: float = 60,
) -> WebhookResponse:
    made = HttpWebhookSender(schedule, SystemClock(), public_only=public_only)
    return made.send(url, {"webhook-id": "msg_1"}, b'{"a":1}', seconds_left)
