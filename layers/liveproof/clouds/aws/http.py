"""Lambda's HTTP API events (payload 2.0) and the answers that API Gateway expects."""

from __future__ import annotations

import base64
from collections import defaultdict
from typing import Any
from urllib.parse import parse_qs

from liveproof.api.http import Request, Response


def read_request(event: dict[str, Any]) -> Request:
    """The request in an HTTP API event.

    The path is the route's, without the path of a stage or a custom domain. The query is read from
    the raw string, because `queryStringParameters` joins repeated parameters with a comma.
    """
    method, _, pattern = event["routeKey"].partition(" ")
    # Whether the gateway routes an empty path segment is not documented. Here it matches no route.
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
    # Bytes that are not UTF-8 come as lone surrogates. The result must not be UTF-8 either.
    return body.encode("utf-8", "surrogatepass")


def write_response(response: Response) -> dict[str, Any]:
    """The response in the form that API Gateway expects."""
    return {
        "statusCode": response.status,
        "headers": response.headers,
        "body": response.body.decode(),
    }
