"""A vendor's answer to one request, whatever its wire format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_MAX_LENGTH = 100
_NOT_PRINTABLE = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True)
class Answer:
    """The vendor's answer to one request.

    Attributes:
        response: its fields; they may hold faces and URLs that grant access, so never logged.
        error: the code of the vendor's error channel, None when it reported none.
        latency_ms: time from sending to the whole answer.
    """

    response: dict[str, Any]
    error: str | None
    request_id: str | None
    latency_ms: int

    def __repr__(self) -> str:
        return f"Answer(error={self.error!r}, request_id={self.request_id!r})"


def sanitize(text: str) -> str:
    """A code or an id of the vendor as short, printable ASCII, safe to store, log and send on.

    Genuine codes are unchanged. A changed one matches no entry of the code tables.
    """
    return _NOT_PRINTABLE.sub("?", text[:_MAX_LENGTH])
