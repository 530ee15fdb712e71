"""A webhook that was received, in lines for people."""

from __future__ import annotations

import time
from collections.abc import Iterator

from liveproof_cli.output import printable
from tools.webhooks.receiver import Received


def describe(received: Received, *, with_body: bool) -> list[str]:
    """A line; the causes below, if the signature is not valid, and the body if it is to be shown.

    Nothing that a stranger sent reaches the terminal as it is.
    """
    return [printable(line) for line in _lines(received, with_body=with_body)]


def _lines(received: Received, *, with_body: bool) -> Iterator[str]:
    answer, attempt = received.answer, received.header("webhook-attempt")
    why = "on purpose" if received.failed_on_purpose else answer.error
    yield "  ".join(
        (
            time.strftime("%H:%M:%S"),
            received.header("webhook-id") or "no id",
            (received.type or "no type") + (f" #{attempt}" if attempt else ""),
            received.verdict,
            f"{answer.status}" + (f" ({why})" if why else ""),
            f"{received.milliseconds} ms",
        )
    )
    for finding in received.diagnosis.findings if received.diagnosis else ():
        yield f"  why: {finding.meaning}"
        yield f"  what to do: {finding.advice}"
    if with_body:
        yield from (f"  {name}: {value}" for name, value in received.headers.items())
        yield f"  {received.body.decode('utf-8', 'replace')}"
