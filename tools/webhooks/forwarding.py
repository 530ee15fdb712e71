"""Hands a webhook on to another receiver, unchanged, and brings its answer back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from liveproof import facts
from liveproof.clock import milliseconds_since
from liveproof.outbound.deadline import Deadline
from liveproof.outbound.errors import ExchangeFailed
from liveproof.outbound.exchange import exchange
from liveproof.outbound.urls import Target
from liveproof.webhooks.urls import parse_endpoint

_MAX_ANSWER_BYTES = 64 * 1024

# Of one connection, and not of the message (RFC 9110, 7.6.1), and what `exchange` writes itself.
_OF_THE_CONNECTION = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "keep-alive", "te", "trailer",
     "transfer-encoding"}
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What a receiver answered. `error` says why there was no answer; `status` is 503 then."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    milliseconds: int = 0
    error: str | None = None


def require_target(url: str) -> Target:
    """Where a URL leads. Raises ValueError if it is not http or https."""
    target = parse_endpoint(url)
    if target is None:
        raise ValueError("it has to begin with http:// or https://")
    return target


def forward(target: Target, headers: Mapping[str, str], body: bytes) -> Answer:
    """POST the same headers and bytes; what answers is given back, a redirect too.

    It waits as long as liveproof itself does for an endpoint. Headers of the connection, such as
    Host, are the new connection's.
    """
    started = time.monotonic()
    schedule = facts.webhook_schedule()
    passed_on = {
        name: value for name, value in headers.items() if name.lower() not in _OF_THE_CONNECTION
    }
    try:
        answer = exchange(
            "POST",
            target,
            passed_on,
            body,
            deadline=Deadline(schedule.total_timeout_seconds),
            connect_seconds=schedule.connect_timeout_seconds,
        )
        with answer:
            content = answer.whole(_MAX_ANSWER_BYTES)
    except ExchangeFailed as failed:
        text = f"no answer of the receiver: {failed.why}\n".encode()
        plain = {"Content-Type": "text/plain"}
        return Answer(503, text, plain, milliseconds_since(started), failed.why)
    kept = {
        name: value
        for name, value in answer.headers.items()
        if name.lower() not in _OF_THE_CONNECTION
    }
    return Answer(answer.status, content, kept, milliseconds_since(started))
