"""What S3 refuses and MiniStack does not look at, as a layer before it.

Source: answers of S3 that the tests of localstack/localstack recorded in 2026, and reports of its
users: an `x-amz-*` header that is not signed is 403, and an `Authorization` header beside a signed
URL, of whatever kind, is 400. Headers outside `x-amz-*` need no signature.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256\s.*Credential=([^,\s]+).*SignedHeaders=([^,\s]+)", re.DOTALL
)
# Of MiniStack itself, and the HTTP APIs that it serves: no S3 there.
_OTHERS = ("/_ministack/", "/_aws/")
_ONLY_VALUE = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}


CorsHeaders = Callable[[dict[str, Any]], dict[str, str]]
"""The headers that let a page read the answer to a request (an ASGI scope)."""


class S3Refusals:
    """An ASGI application that refuses what S3 would refuse and forwards everything else."""

    def __init__(self, app: App, cors_headers: CorsHeaders) -> None:
        """`cors_headers`: as the CORS rules of the request's bucket say."""
        self._app, self._cors_headers = app, cors_headers

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """One request, or whatever else a server tells an application."""
        refusal = refusal_of(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        # The body is read to its end, so that the client gets the answer and not a reset.
        while (await receive()).get("more_body"):
            pass
        status, body = refusal
        headers = [
            (b"content-type", b"application/xml"),
            (b"content-length", b"%d" % len(body)),
            *((name.encode(), value.encode()) for name, value in self._cors_headers(scope).items()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def refusal_of(scope: dict[str, Any]) -> tuple[int, bytes] | None:
    """Status and body of S3's refusal; None for a request that it takes, or that is not for it.

    Args:
        scope: of an ASGI request.
    """
    if scope["path"].startswith(_OTHERS):
        return None
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    headers = [(name.decode("latin-1").lower(), value.decode("latin-1"))
               for name, value in scope["headers"]]  # fmt: skip
    authorization = next((value for name, value in headers if name == "authorization"), None)
    if "X-Amz-Signature" in query:
        credential = query.get("X-Amz-Credential", [""])[0]
        signed = query.get("X-Amz-SignedHeaders", [""])[0]
        if authorization is not None and _is_s3(credential):
            detail = "<ArgumentName>Authorization</ArgumentName>"
            return _refusal(400, "InvalidArgument", "Only one auth mechanism allowed", detail)
    else:
        match = _HEADER.match(authorization or "")
        if match is None:
            return None
        credential, signed = match.groups()
    unsigned = _unsigned(headers, signed)
    if not unsigned or not _is_s3(credential):
        return None
    detail = f"<HeadersNotSigned>{escape(', '.join(unsigned))}</HeadersNotSigned>"
    return _refusal(403, "AccessDenied", "There are x-amz- headers that are not signed", detail)


def _is_s3(credential: str) -> bool:
    return credential.split("/")[-2:] == ["s3", "aws4_request"]


def _unsigned(headers: Iterable[tuple[str, str]], signed: str) -> list[str]:
    names = signed.lower().split(";")
    return sorted(
        {
            name
            for name, value in headers
            if name.startswith("x-amz-") and name not in names and _ONLY_VALUE.get(name) != value
        }
    )


def _refusal(status: int, code: str, message: str, detail: str) -> tuple[int, bytes]:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message>{detail}"
        f"<RequestId>{uuid.uuid4().hex[:16].upper()}</RequestId></Error>"
    )
    return status, body.encode()
