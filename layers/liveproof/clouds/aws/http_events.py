"""Lambda's HTTP API events (payload 2.0) and the answers that API Gateway expects."""

from __future__ import annotations

import base64
from collections import defaultdict
from typing import Any
from urllib.parse import parse_qs

from liveproof.api.http import Request, Response


def http_request(event: dict[str, Any]) -> Request:
    """The request in an HTTP API event.

    Its path is the route's, whatever the stage's or a custom domain's own path is. Its query is the
    raw one: `queryStringParameters` joins what comes twice with a comma.
    """
    method, _, pattern = event["routeKey"].partition(" ")
    # Whether the gateway routes an empty part of a path is not documented: it is no route here.
    parameters = defaultdict(str, event.get("pathParameters") or {})
    return Request(
        method=method,
        path=pattern.format_map(parameters),
        query=parse_qs(event.get("rawQueryString") or "", keep_blank_values=True),
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        body=_body(event),
    )


def _body(event: dict[str, Any]) -> bytes:
    body: str = event.get("body") or ""
    if event.get("isBase64Encoded"):
        return base64.b64decode(body)
    # Bytes that are no text come mangled; they must be no text afterwards either.
    return body.encode("utf-8", "surrogatepass")


def http_response(response: Response) -> dict[str, Any]:
    """The answer that API Gateway expects of a function."""
    return {
        "statusCode": response.status,
        "headers": response.headers,
        "body": response.body.decode(),
    }
