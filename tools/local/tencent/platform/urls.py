"""A function's URL: HTTP in, an event to the function, its value out as HTTP.

Source: function URL, cloud.tencent.com/document/product/583/96099 (2025-08-12).
"""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from liveproof_emulator.requests import read_body
from tools.local.tencent.platform.outcome import STATUS, Outcome
from tools.local.tencent.platform.scf import MAX_BYTES, Scf, new_request_id
from tools.local.tencent.platform.wiring import Function

# Clients cannot set these: the platform does.
_OWN = "x-scf-"


class FunctionUrl:
    """Serves one function.

    Args:
        scf: runs it.
        function: which.
        api_gateway_shape: whether the event looks like the API gateway's (`ApiGwCompatible`).
    """

    def __init__(self, scf: Scf, function: Function, *, api_gateway_shape: bool) -> None:
        self._scf, self._function = scf, function
        self._api_gateway_shape = api_gateway_shape

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        request_id = new_request_id()
        body = await read_body(request.content, MAX_BYTES)
        event = self._event(request, body or b"", request_id)
        if body is None or len(json.dumps(event)) > MAX_BYTES:
            return _refused(413, "the request is over 6 MB", request_id)
        outcome = await self._scf.invoke(self._function, event, request_id)
        return _reply(outcome, request_id)

    def _event(self, request: web.Request, body: bytes, request_id: str) -> dict[str, Any]:
        path, _, query = request.raw_path.partition("?")
        query_string = dict(parse_qsl(query, keep_blank_values=True))
        headers: dict[str, str] = {}
        for name, value in request.headers.items():
            lower = name.lower()
            if not lower.startswith(_OWN):
                headers[lower] = f"{headers[lower]}, {value}" if lower in headers else value
        address = request.remote or ""
        headers["x-scf-remote-addr"] = address
        event: dict[str, Any] = {
            # How bytes that are no text come without a mark for base64 is documented nowhere.
            "body": body.decode("utf-8", "replace"),
            "headers": headers,
            "httpMethod": request.method,
            "path": path,
            "queryString": query_string,
        }
        if not self._api_gateway_shape:
            return event
        text, is_base64 = _text(body)
        return event | {
            "body": text,
            "isBase64Encoded": is_base64,
            "headerParameters": {},
            "pathParameters": {},
            "queryStringParameters": query_string,
            "requestContext": {
                "httpMethod": request.method,
                "identity": {},
                "path": path,
                "requestId": request_id,
                "sourceIp": address,
                "stage": "release",
            },
        }


def _text(body: bytes) -> tuple[str, bool]:
    try:
        return body.decode("utf-8"), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True


def _refused(status: int, text: str, request_id: str) -> web.Response:
    document = {"errorCode": -1, "errorMessage": text, "requestId": request_id}
    return web.json_response({**document, "statusCode": status}, status=status)


def _reply(outcome: Outcome, request_id: str) -> web.Response:
    failure = outcome.failure
    if failure is not None:
        return web.json_response(failure.document(request_id), status=STATUS[failure.kind])
    value = outcome.value
    if not isinstance(value, dict) or "statusCode" not in value:
        return web.json_response(value)
    status, headers = value["statusCode"], value.get("headers") or {}
    body = value.get("body") or ""
    texts = isinstance(headers, dict) and all(isinstance(value, str) for value in headers.values())
    # bool is an int, and no status.
    if type(status) is not int or not 200 <= status <= 599 or not texts or type(body) is not str:
        return _refused(STATUS["result"], "the value is no HTTP answer", request_id)
    data = base64.b64decode(body) if value.get("isBase64Encoded") else body.encode()
    return web.Response(status=status, headers=headers, body=data)
