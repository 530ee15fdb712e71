"""One HTTP request with exactly the headers that it is given: what no HTTP library promises.

For what is no API of liveproof's: the emulator's controls, a bucket, the local platform.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Response:
    """An HTTP answer."""

    status: int
    body: bytes


def request(
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout: float = 30.0,
) -> Response:
    """One HTTP request with exactly these headers (and Host), without redirects.

    Raises:
        OSError: no connection, no whole answer, or silence for `timeout` seconds.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.putrequest(method, target or "/", skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return Response(answer.status, answer.read())
    except http.client.HTTPException as error:
        raise ConnectionError(f"no whole answer: {type(error).__name__}") from None
    finally:
        connection.close()


def put(upload: Mapping[str, Any] | Any, data: bytes, timeout: float = 60.0) -> Response:
    """Sends a file with the method, URL and headers of an entry of `uploads`, and nothing else."""
    return request(upload["method"], upload["url"], upload["headers"], data, timeout)
