"""Requests to the API and their answers, without a connection: what is sent, what an answer means,
and when to try again."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from liveproof_client.errors import ApiError, LiveproofError, NoAnswerError
from liveproof_client.waiting import backoff

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 8.0
# Problems that pass by waiting. Others with the same statuses need a person or another day.
_PASSING = {"too_soon", "vendor_busy"}
# A create with an idempotency key answers `not_allowed_now` while an earlier attempt is served.
_FAILED = {"internal_error", "vendor_failed"}


@dataclass(frozen=True)
class Request:
    """A request to the API.

    Attributes:
        query: parameters; those that are None are not sent.
        body: becomes JSON; None sends nothing.
        is_repeatable: it may be sent again although it may have been carried out.
    """

    method: str
    path: str
    query: Mapping[str, object] = field(default_factory=dict)
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_repeatable: bool = True

    def parameters(self) -> dict[str, str]:
        """The query as it is sent."""
        return {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in self.query.items()
            if value is not None
        }


@dataclass(frozen=True)
class Answer:
    """An answer with its whole body; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def one(verification_id: str) -> str:
    """The path of a verification."""
    return f"/v1/verifications/{quote(verification_id, safe='')}"


def renewal_of(verification_id: str) -> Request:
    """Asks for fresh upload URLs."""
    return Request("POST", f"{one(verification_id)}/uploads")


def checked_url(url: str) -> str:
    """An API's address without a slash at its end. Raises ValueError if it is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("url must begin with https:// or http://")
    # A user would replace the API key, and paths go to the end.
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("url must have no user, no query and no fragment")
    return url.rstrip("/")


def checked_idempotency_key(key: str) -> str:
    """A key that a header can have. Raises ValueError, without the key, if none can."""
    if not key.isascii() or not key.isprintable() or key != key.strip():
        raise ValueError("idempotency_key must be printable ASCII without spaces at its ends")
    return key


def checked_key(api_key: str) -> str:
    """An API key. Raises ValueError, without the key, if it cannot be one."""
    if not api_key or not all("!" <= character <= "~" for character in api_key):
        raise ValueError("api_key must be ASCII characters without spaces")
    return api_key


def document_of(answer: Answer) -> Any:
    """The JSON object of a success. Raises ApiError for everything else, a redirect too."""
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):  # brackets without end are no document either
        document = None
    if 200 <= answer.status < 300:
        if isinstance(document, dict):
            return document
        raise ApiError("invalid_answer", answer.status, "the answer is not a JSON object")
    said = document if isinstance(document, dict) else {}
    retry_after = _seconds(answer.headers.get("retry-after"))
    if isinstance(said.get("code"), str):
        detail = str(said.get("detail") or said.get("title") or "")
        raise ApiError(said["code"], answer.status, detail, said, retry_after)
    detail = said.get("message") or said.get("errorMessage") or "not a problem document"
    raise ApiError("platform", answer.status, str(detail), None, retry_after)


def pause_after(error: LiveproofError, request: Request, failures: int) -> float | None:
    """Seconds until the next attempt; None if there must be none.

    Args:
        error: how the last attempt failed.
        request: what was sent.
        failures: attempts that failed so far.
    """
    usual = backoff(failures, FIRST_PAUSE, LONGEST_PAUSE)
    if isinstance(error, NoAnswerError):
        return usual if request.is_repeatable and error.code != "answer_too_large" else None
    if not isinstance(error, ApiError):
        return None
    pause = max(usual, error.retry_after or 0.0)
    platform = error.code == "platform"
    if error.code in _PASSING or (platform and error.status == 429):
        return pause
    if not request.is_repeatable:
        return None
    is_served = error.code == "not_allowed_now" and "Idempotency-Key" in request.headers
    # SCF has numbers of its own (430 to 439) for a function that failed or could not be started.
    is_down = platform and (error.status >= 500 or 430 <= error.status <= 439)
    return pause if is_served or is_down or error.code in _FAILED else None


def _seconds(retry_after: str | None) -> float | None:
    """`Retry-After` in seconds, which may also be a date."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        at = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, at.timestamp() - time.time())
