"""What a team's server does with webhooks: verifies each with the standard's own library."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

# A demo receives a handful; a benchmark some thousands.
_KEPT = 20_000


@dataclass(frozen=True)
class Received:
    """One request that arrived. `at` is time.monotonic(); `verified` is the library's judgement."""

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
        """The verification that the webhook tells of."""
        data = self.payload().get("data")
        return data.get("id") if isinstance(data, dict) else None


class Receiver:
    """Verifies and keeps webhooks; safe to use from many threads."""

    def __init__(self, secret: str) -> None:
        """`secret` is the endpoint's, `whsec_...`."""
        self._webhook = Webhook(secret)
        self._received: deque[Received] = deque(maxlen=_KEPT)
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
            self._received.append(Received(lower, text, verified))
            self._arrived.notify_all()
        return verified

    def received(self) -> list[Received]:
        """Everything that arrived, oldest first."""
        with self._arrived:
            return list(self._received)

    def wait_for(self, verification_id: str, deadline: float) -> Received | None:
        """The first webhook about a verification, or None at `deadline` (time.monotonic) or once
        nobody waits any more."""
        with self._arrived:
            while True:
                for each in self._received:
                    if each.verification_id() == verification_id:
                        return each
                remaining = deadline - time.monotonic()
                if self._is_closed or remaining <= 0 or not self._arrived.wait(remaining):
                    return None

    def stop_waiting(self) -> None:
        """Whoever waits for a webhook, now or later, waits no longer."""
        with self._arrived:
            self._is_closed = True
            self._arrived.notify_all()
