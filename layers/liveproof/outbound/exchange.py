"""One request and its answer."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from liveproof.outbound.connection import Connection, Pool, connect
from liveproof.outbound.deadline import Deadline
from liveproof.outbound.errors import AnswerLost, ExchangeFailed, NeverSent, SentInPart
from liveproof.outbound.response import Response, failure_reason
from liveproof.outbound.urls import Target

_PART_BYTES = 64 * 1024


class Stream(Protocol):
    """Bytes that are read as they are sent."""

    size: int

    def read(self, amount: int = -1) -> bytes: ...


Body = bytes | bytearray | Stream | None


def exchange(
    method: str,
    target: Target,
    headers: Mapping[str, str],
    body: Body = None,
    *,
    deadline: Deadline,
    connect_seconds: float,
    idle_seconds: float | None = None,
    pool: Pool | None = None,
    addresses: Sequence[str] | None = None,
    opened: Connection | None = None,
) -> Response:
    """Send one request, once, and read its answer's head.

    Args:
        headers: sent as they are; Host, Content-Length and Connection are added if they are not
            there. Compressed answers are not asked for.
        body: a stream is read one part ahead of what is sent. If its reading raises, even at its
            end, the last part stays here, and no server takes the request for a whole one.
        deadline: for all of it, from looking up the name to the body's last byte.
        connect_seconds: for each address of the host.
        idle_seconds: for each wait; None: as long as the deadline allows.
        pool: where connections are kept; None: a new connection, closed afterwards. A kept one may
            have been closed by the server, so use one only where a request may be repeated.
        addresses: where to connect to; None: look the host up.
        opened: a connection to the target's server that nothing was sent on. It is used if it is
            still alive.

    Raises:
        NeverSent, SentInPart, AnswerLost: there is no answer.
        Exception: whatever reading `body` raises.
    """
    connection = opened if opened is not None and opened.is_usable() else None
    if connection is None and pool is not None:
        connection = pool.take(target.origin)
    if connection is None:
        connection = connect(target.origin, deadline, connect_seconds, addresses)
    if deadline.has_passed:
        # Nobody could wait for the answer.
        connection.close()
        raise NeverSent("timed_out")
    cutter = deadline.start_cutter(connection.handle)
    try:
        wait = deadline.left if idle_seconds is None else min(idle_seconds, deadline.left)
        connection.socket.settimeout(wait)
        answer = _send_and_read_head(
            connection, method, target, headers, body, pool is not None, deadline
        )
    except BaseException:
        cutter.stop()
        connection.close()
        raise
    return Response(target, connection, pool, (deadline, cutter), answer)


def _send_and_read_head(
    connection: Connection,
    method: str,
    target: Target,
    headers: Mapping[str, str],
    body: Body,
    keep: bool,
    deadline: Deadline,
) -> http.client.HTTPResponse:
    """The answer, its head read."""
    http_connection = connection.http
    body_size = 0 if body is None else _size(body)
    try:
        _send_head(http_connection, method, target, headers, body, keep)
    except (OSError, http.client.HTTPException) as error:
        # With nothing to follow, the head is the whole request.
        raise _failure(not body_size, failure_reason(error, deadline)) from None
    whole = _send_body(http_connection, body, deadline)
    try:
        return http_connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise _failure(whole, failure_reason(error, deadline)) from None


def _send_head(
    http_connection: http.client.HTTPConnection,
    method: str,
    target: Target,
    headers: Mapping[str, str],
    body: Body,
    keep: bool,
) -> None:
    names = {name.lower() for name in headers}
    http_connection.putrequest(method, target.path, skip_host=True)
    if "host" not in names:
        http_connection.putheader("Host", target.authority)
    for name, value in headers.items():
        http_connection.putheader(name, value)
    if body is not None and "content-length" not in names:
        http_connection.putheader("Content-Length", str(_size(body)))
    if not keep and "connection" not in names:
        http_connection.putheader("Connection", "close")
    http_connection.endheaders()


def _send_body(http_connection: http.client.HTTPConnection, body: Body, deadline: Deadline) -> bool:
    """Whether the whole body may have left. Not so if the server stopped reading before."""
    left = 0 if body is None else _size(body)
    for part in _parts(body):
        left -= len(part)
        try:
            http_connection.send(part)
        except (BrokenPipeError, ConnectionResetError):
            # A server may answer, and close, before it has read everything.
            return left <= 0
        except (OSError, http.client.HTTPException) as error:
            raise _failure(left <= 0, failure_reason(error, deadline)) from None
    if left > 0:
        raise SentInPart("body_ended")
    return True


def _size(body: bytes | bytearray | Stream) -> int:
    return len(body) if isinstance(body, (bytes, bytearray)) else body.size


def _parts(body: Body) -> Iterator[bytes]:
    """The body in parts. Yields a part when the next one has been read."""
    if body is None:
        return
    read = _reader(body)
    part = read()
    while part:
        following = read()
        yield part
        part = following


def _reader(body: bytes | bytearray | Stream) -> Callable[[], bytes]:
    if not isinstance(body, (bytes, bytearray)):
        return lambda: body.read(_PART_BYTES)
    view, position = memoryview(body), 0

    def read() -> bytes:
        nonlocal position
        part = bytes(view[position : position + _PART_BYTES])
        position += len(part)
        return part

    return read


def _failure(whole: bool, why: str) -> ExchangeFailed:
    return AnswerLost(why) if whole else SentInPart(why)
