"""An HTTP request and its answer, free of any cloud's event shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from liveproof.api.problems import CONTENT_TYPE, InvalidRequest, Problem, TooLarge, Unauthorized
from liveproof.api.schemas import encode
from liveproof.dependencies import Dependencies
from liveproof.secret_documents import ApiClient, ApiKeys, read_secret

MAX_BODY_BYTES = 64 * 1024


@dataclass(frozen=True)
class Request:
    """A request. Header names are in lower case; `path_parameters` are filled by its route."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = field(repr=False)
    path_parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    """An answer. Its body may hold presigned URLs: never logged."""

    status: int
    body: bytes = field(repr=False)
    headers: dict[str, str]


def json_response(status: int, document: Any) -> Response:
    """A success."""
    return Response(status, encode(document), _headers("application/json"))


def problem_response(problem: Problem) -> Response:
    """A problem document."""
    return Response(problem.status, encode(problem.document()), _headers(CONTENT_TYPE))


def _headers(content_type: str) -> dict[str, str]:
    return {"Content-Type": content_type, "Cache-Control": "no-store"}


def authenticate(dependencies: Dependencies, request: Request) -> tuple[str, ApiClient]:
    """The client that the request's API key belongs to.

    Raises:
        Unauthorized: no key, or an unknown one.
        SecretUnusable: the keys cannot be read.
    """
    scheme, _, api_key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not api_key.strip():
        raise Unauthorized("send the API key as Authorization: Bearer KEY", "Authorization")
    keys = read_secret(dependencies.secrets, dependencies.settings.api_keys_secret, ApiKeys)
    name = keys.client_of(api_key.strip())
    if name is None:
        raise Unauthorized("the API key is not known", "Authorization")
    return name, keys.clients[name]


def require_body(request: Request) -> bytes:
    """The request's body. Raises TooLarge or InvalidRequest."""
    if len(request.body) > MAX_BODY_BYTES:
        raise TooLarge(f"the body may have {MAX_BODY_BYTES} bytes, not {len(request.body)}")
    if not request.body:
        raise InvalidRequest("a JSON body is needed")
    return request.body


def idempotency_key(request: Request) -> str | None:
    """The Idempotency-Key header. Raises InvalidRequest when it is empty or too long."""
    key = request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= 255:
        raise InvalidRequest("must have 1 to 255 characters", "Idempotency-Key")
    return key
