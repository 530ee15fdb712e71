"""Receives webhooks as a team's server would: verifies each, and hands it on if it should.

Version v1 is verified by the standard's own library, v1a by `cryptography`.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

from liveproof.outbound.urls import Target
from tools.webhooks.forwarding import Answer, forward

# A demo receives a few webhooks, a benchmark some thousands.
_MAX_WEBHOOKS = 20_000


@dataclass(frozen=True, eq=False)
class ReceivedWebhook:
    """A webhook request. Each is equal to itself alone.

    Attributes:
        verified: the signature is valid.
        path: of the endpoint that took it.
        at: time.monotonic() of its arrival; `received_at` is the same in seconds since 1970.
    """

    headers: Mapping[str, str]
    body: str
    verified: bool
    at: float = field(default_factory=time.monotonic)
    received_at: float = field(default_factory=time.time)
    path: str = ""

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


class Endpoint:
    """A client's endpoint: what verifies its webhooks, and where they go on to."""

    def __init__(
        self, secret: str, public_key: str | None = None, target: Target | None = None
    ) -> None:
        """An endpoint.

        Args:
            secret: `whsec_...`, for version v1.
            public_key: `whpk_...`; with one, every webhook has to have a signature v1a as well.
            target: a receiver that answers in this one's place.
        """
        self._webhook = Webhook(secret)
        self._public_key = None if public_key is None else _public_key(public_key)
        self.target = target

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether signatures and timestamp are right; names of headers are in lower case."""
        try:
            self._webhook.verify(body, dict(headers))
        except (WebhookVerificationError, ValueError):
            return False  # also a body that is signed but is not JSON
        if self._public_key is None:
            return True
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        for entry in headers["webhook-signature"].split(" "):
            version, _, signature = entry.partition(",")
            if version == "v1a":
                try:
                    self._public_key.verify(base64.b64decode(signature), signed)
                except (InvalidSignature, ValueError):
                    continue
                return True
        return False


def _public_key(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(text.removeprefix("whpk_")))


class Receiver:
    """Verifies, forwards and keeps webhooks; safe to use from many threads.

    Attributes:
        is_away: whether the endpoint is out of order for the webhook with this id, and answers 503.
            It never is, unless somebody sets this.
        on_arrival: called after each webhook, in the thread that took it.
    """

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint],
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        """A receiver.

        Args:
            endpoints: by the path at which each takes webhooks.
            say: takes a line about each webhook that was handed on.
        """
        self.is_away: Callable[[str], bool] = lambda webhook_id: False
        self.on_arrival: Callable[[], None] = lambda: None
        self.endpoints = dict(endpoints)
        self._say = say
        self._received: deque[ReceivedWebhook] = deque(maxlen=_MAX_WEBHOOKS)
        self._arrived = threading.Condition()
        self._is_closed = False

    def receive(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Takes one request at an endpoint's path.

        Returns:
            The answer of the receiver that it was handed on to, whatever its signature. Without
            one 204, or 401 if signature, timestamp or body is not right.
        """
        endpoint = self.endpoints[path]
        lower = {name.lower(): value for name, value in headers.items()}
        webhook = ReceivedWebhook(
            lower,
            body.decode("utf-8", errors="replace"),
            endpoint.verify(lower, body),
            path=path,
        )
        with self._arrived:
            self._received.append(webhook)
            self._arrived.notify_all()
        self.on_arrival()
        if endpoint.target is None:
            return Answer(204 if webhook.verified else 401, b"")
        answer = forward(endpoint.target, headers, body)
        why = f" ({answer.error})" if answer.error else ""
        self._say(
            f"webhook {lower.get('webhook-id', 'without an id')!r} to"
            f" {endpoint.target.authority}: {answer.status}{why}, {answer.milliseconds} ms"
        )
        return answer

    def received(self) -> list[ReceivedWebhook]:
        """Everything that arrived, oldest first."""
        with self._arrived:
            return list(self._received)

    def of(self, verification_id: str) -> list[ReceivedWebhook]:
        """Everything that arrived about a verification."""
        return [
            webhook for webhook in self.received() if webhook.verification_id() == verification_id
        ]

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
