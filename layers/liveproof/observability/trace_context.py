"""The traces that a run belongs to, and how messages carry them: W3C Trace Context, version 00.

All steps of a verification are spans of one trace, whose id follows from the verification's. So a
step that no message of ours started (the bucket's event, the sweep, a message of an older version)
is in the right trace, too; a message only tells which span comes before.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import NamedTuple

FIELD = "traceparent"
"""Of a message; the name of the HTTP header, too."""

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


class Span(NamedTuple):
    """A place in a trace: ids of 32 and 16 hex digits."""

    trace: str
    id: str

    @property
    def traceparent(self) -> str:
        """The text that a message carries; its trace is sampled."""
        return f"00-{self.trace}-{self.id}-01"


def parse(traceparent: object) -> Span | None:
    """The span in a `traceparent`; None if it is none, or of a version that we do not know."""
    match = _TRACEPARENT.fullmatch(traceparent) if isinstance(traceparent, str) else None
    if match is None or not int(match[1], 16) or not int(match[2], 16):
        return None
    return Span(match[1], match[2])


class RunTrace:
    """The spans of one run: one for each verification that it touches.

    Attributes:
        caller: the span that an HTTP request names, of somebody else's trace.
    """

    def __init__(self) -> None:
        self._run = secrets.token_hex(16)
        self._before: dict[str, Span] = {}
        self.caller: Span | None = None

    def follow(self, verification: str, traceparent: object) -> None:
        """A message about a verification named the span before this one."""
        span = parse(traceparent)
        if span is not None:
            self._before[verification] = span

    def span_of(self, verification: str) -> Span:
        """This run's span of a verification."""
        return Span(_digest(verification)[:32], _digest(f"{self._run} {verification}")[:16])

    def before(self, verification: str) -> Span | None:
        """The span that led to this one, where a message named it."""
        return self._before.get(verification)

    def span(self) -> Span:
        """The span of a run that touches no verification, in the caller's trace if there is one."""
        return Span(self.caller.trace if self.caller else self._run, self._run[:16])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
