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


def http_request(event: Mapping[str, Any]) -> Request:
    """The request of a function URL's event."""
    query = event.get("queryStringParameters") or event.get("queryString") or {}
    headers = event.get("headers") or {}
    return Request(
        method=event["httpMethod"].upper(),
        # Whether it comes decoded is not documented. No route has a "%", so once more is no harm.
        path=unquote(event.get("path") or "/"),
        query={name: _each(value) for name, value in query.items()},
        headers={name.lower(): _joined(value) for name, value in headers.items()},
        body=_body(event),
    )


def http_response(response: Response) -> dict[str, Any]:
    """The answer that a function URL expects of a function.

    SCF writes what an event function returns to its platform log, so who may read that log may use
    the presigned URLs in it as long as they live.
    """
    return {
        "statusCode": response.status,
        "headers": {name: str(value) for name, value in response.headers.items()},
        "body": response.body.decode(),
        "isBase64Encoded": False,
    }


def _each(value: object) -> list[str]:
    """The values of a query parameter, should there be several."""
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _joined(value: object) -> str:
    """One text; several values are joined as HTTP joins them."""
    if isinstance(value, list):
        return ",".join(str(each) for each in value)
    return str(value)


def _body(event: Mapping[str, Any]) -> bytes:
    body: str = event.get("body") or ""
    if event.get("isBase64Encoded"):
        return base64.b64decode(body)
    # Bytes that are no text come mangled; they must be no text afterwards either.
    return body.encode("utf-8", "surrogatepass")
