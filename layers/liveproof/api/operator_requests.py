"""Requests that an operator makes in a client's place, without its API key.

They come as events of their own, by the platform's API to invoke a function. Whoever may use that
API for the function may make them. No HTTP request becomes such an event: the platform, and not the
sender, names an event's fields.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from liveproof.api.http import Request

FIELD = "operator_request"
"""The only field of such an event."""


class OperatorRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A request without query and body; `client` is the name of the client."""

    method: str
    path: str
    client: str

    def event(self) -> dict[str, Any]:
        """The event that brings it to the function."""
        return {FIELD: msgspec.to_builtins(self)}

    def request(self) -> Request:
        """The request as HTTP would have it."""
        return Request(self.method, self.path, {}, {}, b"")


def operator_request(event: Any) -> OperatorRequest | None:
    """The operator's request in an event; None for any other event.

    Raises:
        msgspec.ValidationError: it has another form.
    """
    if not isinstance(event, dict) or set(event) != {FIELD}:
        return None
    return msgspec.convert(event[FIELD], OperatorRequest)
