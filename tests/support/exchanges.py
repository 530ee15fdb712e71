"""Requests for tests of `liveproof.outbound`."""

from __future__ import annotations

import socket

from liveproof.outbound.connection import Connection, Pool
from liveproof.outbound.deadline import Deadline
from liveproof.outbound.exchange import Body, exchange
from liveproof.outbound.response import Response
from liveproof.outbound.urls import parse_target
from tests.support.servers import RawServer, http, read_request

LONG = 5.0
"""What no cut takes, on the slowest machine."""


def ask(
    url: str,
    body: Body = None,
    *,
    method: str = "POST",
    seconds: float = 20,
    pool: Pool | None = None,
    idle: float | None = None,
    opened: Connection | None = None,
    **headers: str,
) -> Response:
    """One exchange with a URL."""
    return exchange(
        method,
        parse_target(url),
        headers,
        body,
        deadline=Deadline(seconds),
        connect_seconds=5,
        idle_seconds=idle,
        pool=pool,
        opened=opened,
    )


def at(server: RawServer, scheme: str = "http") -> str:
    """The URL of a server."""
    return f"{scheme}://127.0.0.1:{server.port}/path?canary=1"


def whole(response: Response, max_bytes: int = 10**6, *, decode: bool = False) -> bytes:
    """The answer's body."""
    with response:
        return response.whole(max_bytes, decode=decode)


def patient(connection: socket.socket) -> None:
    """Answers as long as requests come."""
    while read_request(connection):
        connection.sendall(http(200, b"again"))
