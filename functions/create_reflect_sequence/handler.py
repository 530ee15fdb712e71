"""Fetch light sequences for the mobile SDK."""

from __future__ import annotations

from typing import Any

from liveproof.api.routes import serve
from liveproof.clouds.aws.http_events import http_request, http_response
from liveproof.clouds.aws.wiring import dependencies
from liveproof.observability import instrumented


@instrumented
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Serve this function's routes of the HTTP API."""
    route_key, request = http_request(event)
    return http_response(serve(dependencies(), "create_reflect_sequence", route_key, request))
