"""An HTTP request and its answer, free of any cloud's event shape."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from liveproof.api.problems import CONTENT_TYPE, InvalidRequest, Problem, TooLarge, Unauthorized
from liveproof.api.schemas import encode
from liveproof.dependencies import Dependencies
from liveproof.secret_documents import ApiClient, ApiKeys, read_secret

MAX_BODY_BYTES = 64 * 1024

# Other bytes come as one text or another, according to the cloud; no header that is read needs any.
_VISIBLE_ASCII = re.compile("[!-~]+")
_PRINTABLE_ASCII = re.compile("[ -~]{1,255}")


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
        """A query parameter, None without it. See `require_known_parameters`."""
        values = self.query.get(name)
        return values[0] if values else None


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
    api_key = api_key.strip()
    if scheme.lower() != "bearer" or not api_key:
        raise Unauthorized("send the API key as Authorization: Bearer KEY", "Authorization")
    if not _VISIBLE_ASCII.fullmatch(api_key):
        raise Unauthorized("an API key has ASCII characters only, and no space", "Authorization")
    keys = read_secret(dependencies.secrets, dependencies.settings.api_keys_secret, ApiKeys)
    name = keys.client_of(api_key)
    if name is None:
        raise Unauthorized("the API key is not known", "Authorization")
    return name, keys.clients[name]


def require_known_parameters(request: Request, known: Container[str], names: str) -> None:
    """Refuse a query parameter that the route does not know, or that is there twice.

    Args:
        names: the known ones, for people.

    Raises:
        InvalidRequest: names the parameter.
    """
    for name, values in request.query.items():
        if name not in known:
            raise InvalidRequest(f"there is no such query parameter; {names}", name)
        if len(values) > 1:
            raise InvalidRequest("may be given once", name)


def require_size(request: Request) -> None:
    """Raises TooLarge for a body above the limit."""
    if len(request.body) > MAX_BODY_BYTES:
        raise TooLarge(f"the body may have {MAX_BODY_BYTES} bytes, not {len(request.body)}")


def require_body(request: Request) -> bytes:
    """The request's body. Raises InvalidRequest without one."""
    if not request.body:
        raise InvalidRequest("a JSON body is needed")
    return request.body


def idempotency_key(request: Request) -> str | None:
    """The Idempotency-Key header. Raises InvalidRequest when it is empty, too long or not ASCII."""
    key = request.headers.get("idempotency-key")
    if key is not None and not _PRINTABLE_ASCII.fullmatch(key):
        raise InvalidRequest("must have 1 to 255 printable ASCII characters", "Idempotency-Key")
    return key
