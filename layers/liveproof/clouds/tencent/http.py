"""Events of SCF's function URLs, in both of their shapes, and the answers that they expect.

Without ApiGwCompatible an event has `queryString` and text for its body; with it, API Gateway's
`queryStringParameters` and `isBase64Encoded`. Source: cloud.tencent.com/document/product/583/96099;
the second shape is known from public code only.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from liveproof.api.http import Request, Response


def read_request(event: Mapping[str, Any]) -> Request:
    """The request of a function URL's event."""
    query = event.get("queryStringParameters") or event.get("queryString") or {}
    headers = event.get("headers") or {}
    return Request(
        method=event["httpMethod"].upper(),
        # Whether SCF decodes the path is not documented. No route has a "%", so twice is safe.
        path=unquote(event.get("path") or "/"),
        query={name: _values(value) for name, value in query.items()},
        headers={name.lower(): _joined(value) for name, value in headers.items()},
        body=_body(event),
    )


def write_response(response: Response) -> dict[str, Any]:
    """The response in the form that a function URL expects.

    SCF writes the return value of an event function to its platform log. Whoever may read that log
    may use the presigned URLs in it until they expire.
    """
    return {
        "statusCode": response.status,
        "headers": {name: str(value) for name, value in response.headers.items()},
        "body": response.body.decode(),
        "isBase64Encoded": False,
    }


def _values(value: object) -> list[str]:
    """A query parameter's values."""
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _joined(value: object) -> str:
    """A header's value; several are joined as HTTP joins them."""
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value)


def _body(event: Mapping[str, Any]) -> bytes:
    body: str = event.get("body") or ""
    if event.get("isBase64Encoded"):
        return base64.b64decode(body)
    # Bytes that are not UTF-8 come as lone surrogates. The result must not be UTF-8 either.
    return body.encode("utf-8", "surrogatepass")
