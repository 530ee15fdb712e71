"""An answer, as it comes."""

from __future__ import annotations

import http.client
import ssl
import zlib
from contextlib import suppress

from liveproof.outbound.connection import Connection, Pool
from liveproof.outbound.deadline import Cutter, Deadline
from liveproof.outbound.errors import AnswerLost
from liveproof.outbound.urls import Target

_PART_BYTES = 64 * 1024
_ANY_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


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
        return _decode(body, encoding, max_bytes)

    def _is_cut(self) -> bool:
        """Whether the end is not the body's: http.client takes a connection's end for it."""
        answer = self._answer
        until_close = answer.length is None and not answer.chunked
        return bool(answer.length) or (until_close and self._deadline.has_passed)

    def _failure(self, error: Exception | None) -> AnswerLost:
        self._failed = True
        return AnswerLost(failure_reason(error, self._deadline))

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


def failure_reason(error: Exception | None, deadline: Deadline) -> str:
    """`ExchangeFailed.why` for the error that ended a wait; None: the connection just ended."""
    if deadline.has_passed or isinstance(error, TimeoutError):
        return "timed_out"
    return "tls_failed" if isinstance(error, ssl.SSLError) else "no_answer"


def _decode(body: bytearray, encoding: str, max_bytes: int) -> bytes:
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise AnswerLost("not_decoded")
    decoder = zlib.decompressobj(_ANY_GZIP_OR_ZLIB)
    try:
        plain = decoder.decompress(body, max_bytes + 1)
    except zlib.error:
        raise AnswerLost("not_decoded") from None
    if len(plain) > max_bytes:
        raise AnswerLost("too_large")
    if not decoder.eof or decoder.unused_data:
        raise AnswerLost("not_decoded")
    return plain
