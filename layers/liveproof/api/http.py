"""An HTTP request and its answer, free of any cloud's event shape."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from liveproof.api.problems import (
    CONTENT_TYPE,
    BodyTooLarge,
    problem_document,
    problem_headers,
    problem_of,
)
from liveproof.use_cases.errors import InvalidRequest

MAX_BODY_BYTES = 64 * 1024
MAX_IDEMPOTENCY_KEY = 255
IDEMPOTENCY_KEY_PATTERN = "[ -~]+"
"""Printable ASCII: other bytes come as one text or another, according to the cloud."""

_IDEMPOTENCY_KEY = re.compile(IDEMPOTENCY_KEY_PATTERN)


@dataclass(frozen=True)
class Request:
    """A request. Header names are in lower case; `path_parameters` are filled by its route.

    Path, query and headers are what was sent, decoded; bytes that are no text may have become lone
    surrogates or other characters.
    """

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: dict[str, str]
    body: bytes = field(repr=False)
    path_parameters: dict[str, str] = field(default_factory=dict)

    def parameter(self, name: str) -> str | None:
        """The query parameter `name`, None without it. The first, should there be several."""
        values = self.query.get(name)
        return values[0] if values else None


@dataclass(frozen=True)
class Response:
    """An answer. Its body may hold presigned URLs: never logged."""

    status: int
    body: bytes = field(repr=False)
    headers: dict[str, str]


def json_response(status: int, document: Any, headers: Mapping[str, str] | None = None) -> Response:
    """A success with a JSON body, which nobody may store unless `headers` say otherwise."""
    return _response(status, document, "application/json", headers)


def problem_response(error: Exception) -> Response:
    """The problem document for an error."""
    status, headers = problem_of(error).status, problem_headers(error)
    return _response(status, problem_document(error), CONTENT_TYPE, headers)


def _response(
    status: int, document: Any, content_type: str, more: Mapping[str, str] | None = None
) -> Response:
    headers = {"Content-Type": content_type, "Cache-Control": "no-store", **(more or {})}
    return Response(status, msgspec.json.encode(document), headers)


def require_size(request: Request) -> None:
    """Raises BodyTooLarge for a body above the limit."""
    if len(request.body) > MAX_BODY_BYTES:
        raise BodyTooLarge(f"the body may have {MAX_BODY_BYTES} bytes, not {len(request.body)}")


def require_body(request: Request) -> bytes:
    """The request's body. Raises InvalidRequest without one."""
    if not request.body:
        raise InvalidRequest("a JSON body is needed")
    return request.body


def idempotency_key(request: Request) -> str | None:
    """The Idempotency-Key header. Raises InvalidRequest when it is empty, too long or not ASCII."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if len(key) > MAX_IDEMPOTENCY_KEY or not _IDEMPOTENCY_KEY.fullmatch(key):
        raise InvalidRequest(
            f"must have 1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters", "Idempotency-Key"
        )
    return key
