"""Receives webhooks as a team's server would: verifies each with the standard's own library."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

# A demo receives a few webhooks, a benchmark some thousands.
_MAX_WEBHOOKS = 20_000


@dataclass(frozen=True)
class ReceivedWebhook:
    """A webhook request. `at` is time.monotonic(); `verified`: the signature is valid."""

    headers: Mapping[str, str]
    body: str
    verified: bool
    at: float = field(default_factory=time.monotonic)

    def document(self) -> dict[str, Any]:
        """As `GET /webhooks` lists it."""
        return {"headers": dict(self.headers), "body": self.body, "verified": self.verified}

    def payload(self) -> dict[str, Any]:
        """The body's JSON object; empty if it is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def verification_id(self) -> str | None:
        """The id of the verification in the body."""
        data = self.payload().get("data")
        return data.get("id") if isinstance(data, dict) else None


class Receiver:
    """Verifies and keeps webhooks; safe to use from many threads.

    Attributes:
        is_away: whether the endpoint is out of order for the webhook with this id, and answers 503.
            It never is, unless somebody sets this.
    """

    def __init__(self, secret: str) -> None:
        """`secret` is the endpoint's, `whsec_...`."""
        self.is_away: Callable[[str], bool] = lambda webhook_id: False
        self._webhook = Webhook(secret)
        self._received: deque[ReceivedWebhook] = deque(maxlen=_MAX_WEBHOOKS)
        self._arrived = threading.Condition()
        self._is_closed = False

    def receive(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Takes one request; False if its signature, timestamp or body is not right."""
        lower = {name.lower(): value for name, value in headers.items()}
        text = body.decode("utf-8", errors="replace")
        try:
            self._webhook.verify(body, lower)
            verified = True
        except (WebhookVerificationError, ValueError):
            verified = False  # also a body that is signed but is not JSON
        with self._arrived:
            self._received.append(ReceivedWebhook(lower, text, verified))
            self._arrived.notify_all()
        return verified

    def received(self) -> list[ReceivedWebhook]:
        """Everything that arrived, oldest first."""
        with self._arrived:
            return list(self._received)

    def of(self, verification_id: str) -> list[ReceivedWebhook]:
        """Everything that arrived about a verification."""
        return [each for each in self.received() if each.verification_id() == verification_id]

    def wait_for(self, verification_id: str, deadline: float) -> ReceivedWebhook | None:
        """The first webhook about a verification; None at `deadline` (time.monotonic) or after
        `stop_waiting`."""
        with self._arrived:
            while True:
                for webhook in self._received:
                    if webhook.verification_id() == verification_id:
                        return webhook
                remaining = deadline - time.monotonic()
                if self._is_closed or remaining <= 0 or not self._arrived.wait(remaining):
                    return None

    def stop_waiting(self) -> None:
        """Ends every `wait_for`, now and later."""
        with self._arrived:
            self._is_closed = True
            self._arrived.notify_all()
