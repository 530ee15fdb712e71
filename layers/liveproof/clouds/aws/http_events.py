"""Lambda's HTTP API events (payload 2.0) and the answers that API Gateway expects."""

from __future__ import annotations

import base64
from typing import Any

from liveproof.api.http import Request, Response


def http_request(event: dict[str, Any]) -> Request:
    """The request in an HTTP API event.

    Its path is the route's, whatever the stage's or a custom domain's own path is.
    """
    body = event.get("body") or ""
    method, _, pattern = event["routeKey"].partition(" ")
    return Request(
        method=method,
        path=pattern.format_map(event.get("pathParameters") or {}),
        query=event.get("queryStringParameters") or {},
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode(),
    )


def http_response(response: Response) -> dict[str, Any]:
    """The answer that API Gateway expects of a function."""
    return {
        "statusCode": response.status,
        "headers": response.headers,
        "body": response.body.decode(),
    }
