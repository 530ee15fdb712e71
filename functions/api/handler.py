"""Every route of the HTTP API, for a cloud that gives a function a URL and no router before it."""

from __future__ import annotations

from liveproof.runtime import http_function

handler = http_function("api")
