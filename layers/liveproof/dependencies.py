"""The bag of dependencies that handlers hand to use cases.

A container builds one bag (`liveproof.clouds.<cloud>.runtime.dependencies`); a test builds another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liveproof import facts
from liveproof.admission import Admission
from liveproof.bucket_versions import ErasableBucket
from liveproof.checks.check import Check
from liveproof.domain.delivery import WebhookResponse
from liveproof.endpoints import Endpoints
from liveproof.heartbeats import Heartbeats
from liveproof.limits import Limits
from liveproof.ports import Clock, Records, Secrets, Steps, WebhookSender
from liveproof.quota import Quota
from liveproof.settings import Settings
from liveproof.vendors.tencent.reflect_sequence import ReflectSequences
from liveproof.webhooks.keys import AsymmetricKey


@dataclass(frozen=True)
class Dependencies:
    """Everything that a use case may touch."""

    settings: Settings
    clock: Clock
    records: Records
    bucket: ErasableBucket
    steps: Steps
    secrets: Secrets
    quota: Quota
    admission: Admission
    endpoints: Endpoints
    heartbeats: Heartbeats
    limits: Limits
    webhook_sender: WebhookSender
    checks: Mapping[str, Check]
    reflect_sequences: ReflectSequences
    webhook_key: AsymmetricKey | None = None
    """Signs every webhook beside the secrets of its endpoint; None where no setting names one."""


class LateWebhookSender:
    """The sender of webhooks, imported when first used: of all functions only one sends any."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._public_only = settings.webhook_address_policy == "public"
        self._control = settings.vendor_endpoint
        self._clock = clock

    def send(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds_left: float
    ) -> WebhookResponse:
        """See `WebhookSender.send`."""
        from liveproof.outbound.urls import parse_target
        from liveproof.webhooks.sender import HttpWebhookSender

        sender = HttpWebhookSender(
            facts.webhook_schedule(),
            self._clock,
            public_only=self._public_only,
            control=parse_target(self._control).origin,
        )
        return sender.send(url, headers, body, seconds_left)
