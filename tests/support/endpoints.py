"""A client's webhook endpoint in memory, in the place of the real sender."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from standardwebhooks import Webhook

from liveproof.domain.delivery import WebhookResponse
from tests.support.crash_points import CrashPoints
from tests.support.memory import MemoryClock


@dataclass(frozen=True)
class Delivered:
    """One webhook that arrived, and the seconds that its sender had for it."""

    at: int
    url: str
    body: bytes
    headers: dict[str, str]
    seconds_left: float

    def opened_with(self, secret: str) -> Any:
        """The body, once the standard's own library has proven its signature (not its age)."""
        hook = Webhook(secret)
        signed = hook.sign(
            self.headers["webhook-id"], _moment(self.headers), self.body.decode("ascii")
        )
        if signed not in self.headers["webhook-signature"].split(" "):
            raise AssertionError("no signature of this secret")
        return json.loads(self.body)


def _moment(headers: dict[str, str]) -> datetime:
    return datetime.fromtimestamp(int(headers["webhook-timestamp"]), tz=timezone.utc)


class MemoryEndpoint:
    """Answers webhooks with a script; the last answer stays."""

    def __init__(self, clock: MemoryClock, crash_points: CrashPoints | None = None) -> None:
        self._clock = clock
        self._crash_points = crash_points or CrashPoints()
        self.script: list[WebhookResponse] = [WebhookResponse(204, None, 12)]
        self.delivered: list[Delivered] = []

    def send(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds_left: float
    ) -> WebhookResponse:
        """Stands in for `liveproof.webhooks.sender.HttpWebhookSender`."""
        with self._crash_points.around("endpoint.send"):
            now = self._clock.now()
            self.delivered.append(Delivered(now, url, body, dict(headers), seconds_left))
            self._clock.advance(50)
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]
