"""One request and its answer."""

from __future__ import annotations

import http.client
import ssl
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from liveproof.outbound.connection import Connection, Pool, connect
from liveproof.outbound.deadline import Cutter, Deadline
from liveproof.outbound.errors import AnswerLost, ExchangeFailed, SentInPart
from liveproof.outbound.urls import Target

_PART_BYTES = 64 * 1024
_ANY_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class Stream(Protocol):
    """Bytes that are read as they are sent."""

    size: int

    def read(self, amount: int = -1) -> bytes: ...


Body = bytes | bytearray | Stream | None


class Response:
    """An answer: its head, and its body as it comes.

    Close it, use it as a context manager, or read it to its end: the exchange's deadline holds
    until then. One that is dropped is closed.

    Attributes:
        status: of HTTP, never an interim one. A redirect is an answer like any other.
        headers: without regard to case.
    """

    def __init__(
        self,
        target: Target,
        connection: Connection,
        pool: Pool | None,
        guard: tuple[Deadline, Cutter],
        answer: http.client.HTTPResponse,
    ) -> None:
        self._target = target
        self._connection = connection
        self._pool = pool
        self._deadline, self._cutter = guard
        self._answer = answer
        self._failed = False
        self._closed = False
        self.status = answer.status
        self.headers = answer.headers

    def read(self, amount: int) -> bytes:
        """The next bytes as they were sent, at most `amount`; none at the end.

        Raises:
            AnswerLost: the body broke off, or its time was over.
        """
        if self._failed:
            raise AnswerLost("no_answer")
        if self._closed:
            return b""
        try:
            part = self._answer.read(amount)
        except (OSError, http.client.HTTPException) as error:
            raise self._failure(error) from None
        if not part and self._is_cut():
            raise self._failure(None)
        if self._answer.isclosed():
            self.close()
        return part

    def whole(self, max_bytes: int, *, decode: bool = False) -> bytes:
        """The whole body.

        Args:
            decode: undo a Content-Encoding. None was asked for; some proxies compress anyway.

        Raises:
            AnswerLost: as for `read`, or there are more than `max_bytes` bytes, or they cannot be
                decoded.
        """
        body = bytearray()
        while part := self.read(min(_PART_BYTES, max_bytes + 1)):
            body += part
            if len(body) > max_bytes:
                self._failed = True
                raise AnswerLost("too_large")
        encoding = self.headers.get("Content-Encoding", "").strip().lower()
        if not decode or encoding in ("", "identity"):
            return bytes(body)
        return _decoded(body, encoding, max_bytes)

    def _is_cut(self) -> bool:
        """Whether the end is not the body's: http.client takes a connection's end for it."""
        answer = self._answer
        until_close = answer.length is None and not answer.chunked
        return bool(answer.length) or (until_close and self._deadline.has_passed)

    def _failure(self, error: Exception | None) -> AnswerLost:
        self._failed = True
        return AnswerLost(_why(error, self._deadline))

    def close(self) -> None:
        """End the exchange. A pool keeps the connection if the answer was read to its end.

        More reading gives nothing.
        """
        if self._closed:
            return
        self._closed = True
        if self._answer.length == 0 and not self._failed:
            self._answer.read()  # nothing; http.client learns that it is through
        reusable = self._answer.isclosed() and not self._failed and not self._answer.will_close
        self._cutter.stop()
        if self._pool is not None and reusable and not self._deadline.has_passed:
            self._pool.give(self._target.origin, self._connection)
        else:
            with suppress(OSError):
                self._answer.close()
            self._connection.close()

    def __del__(self) -> None:
        self.close()

    def __enter__(self) -> Response:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


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

    Raises:
        NeverSent, SentInPart, AnswerLost: there is no answer.
        Exception: whatever reading `body` raises.
    """
    connection = pool.take(target.origin) if pool is not None else None
    if connection is None:
        connection = connect(target.origin, deadline, connect_seconds, addresses)
    cutter = deadline.cutting(connection.handle)
    try:
        wait = deadline.left if idle_seconds is None else min(idle_seconds, deadline.left)
        connection.socket.settimeout(wait)
        answer = _answered(connection, method, target, headers, body, pool is not None, deadline)
    except BaseException:
        cutter.stop()
        connection.close()
        raise
    return Response(target, connection, pool, (deadline, cutter), answer)


def _answered(
    connection: Connection,
    method: str,
    target: Target,
    headers: Mapping[str, str],
    body: Body,
    keep: bool,
    deadline: Deadline,
) -> http.client.HTTPResponse:
    """The answer, its head read."""
    speaking = connection.http
    try:
        _send_head(speaking, method, target, headers, body, keep)
    except (OSError, http.client.HTTPException) as error:
        raise _failed(body is None, _why(error, deadline)) from None
    whole = _send_body(speaking, body, deadline)
    try:
        answer = speaking.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise _failed(whole, _why(error, deadline)) from None
    if deadline.has_passed:
        # http.client takes a connection that is cut within the headers for their end.
        answer.close()
        raise _failed(whole, "timed_out")
    return answer


def _send_head(
    speaking: http.client.HTTPConnection,
    method: str,
    target: Target,
    headers: Mapping[str, str],
    body: Body,
    keep: bool,
) -> None:
    given = {name.lower() for name in headers}
    speaking.putrequest(method, target.path, skip_host=True)
    if "host" not in given:
        speaking.putheader("Host", target.authority)
    for name, value in headers.items():
        speaking.putheader(name, value)
    if body is not None and "content-length" not in given:
        speaking.putheader("Content-Length", str(_size(body)))
    if not keep and "connection" not in given:
        speaking.putheader("Connection", "close")
    speaking.endheaders()


def _send_body(speaking: http.client.HTTPConnection, body: Body, deadline: Deadline) -> bool:
    """Whether the whole body may have left. Not so if the server stopped reading before."""
    left = 0 if body is None else _size(body)
    for part in _parts(body):
        left -= len(part)
        try:
            speaking.send(part)
        except (BrokenPipeError, ConnectionResetError):
            # A server may answer, and close, before it has read everything.
            return left <= 0
        except (OSError, http.client.HTTPException) as error:
            raise _failed(left <= 0, _why(error, deadline)) from None
    if left > 0:
        raise SentInPart("body_ended")
    return True


def _size(body: bytes | bytearray | Stream) -> int:
    return len(body) if isinstance(body, (bytes, bytearray)) else body.size


def _parts(body: Body) -> Iterator[bytes]:
    """The body in parts. Each is given when the next has been read."""
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


def _failed(whole: bool, why: str) -> ExchangeFailed:
    return AnswerLost(why) if whole else SentInPart(why)


def _why(error: Exception | None, deadline: Deadline) -> str:
    if deadline.has_passed or isinstance(error, TimeoutError):
        return "timed_out"
    return "tls_failed" if isinstance(error, ssl.SSLError) else "no_answer"


def _decoded(body: bytearray, encoding: str, max_bytes: int) -> bytes:
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise AnswerLost("not_decoded")
    decoder = zlib.decompressobj(_ANY_GZIP_OR_ZLIB)
    try:
        plain = decoder.decompress(body, max_bytes + 1)
    except zlib.error:
        raise AnswerLost("not_decoded") from None
    if len(plain) > max_bytes:
        raise AnswerLost("too_large")
    if not decoder.eof:
        raise AnswerLost("not_decoded")
    return plain
