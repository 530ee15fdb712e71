"""One HTTP request and its answer: no redirects, a total time, and a limit on the answer's size.

Generated from `_async` by `make docs`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpx

from liveproof_client import tls
from liveproof_client.errors import NoAnswerError
from liveproof_client.requests import Answer
from liveproof_client.waiting import Clock, limit_sync

_CONNECT_SECONDS = 10.0


class _URL(httpx.URL):
    """A URL whose text has no query: httpx logs the text, and a presigned URL is a secret."""

    def __str__(self) -> str:
        return super().__str__().partition("?")[0]

    def __repr__(self) -> str:
        return f"URL({str(self)!r})"


class Exchange:
    """Sends requests exactly as they are given, over connections that it keeps."""

    def __init__(self, clock: Clock, transport: httpx.BaseTransport | None = None) -> None:
        """`transport` replaces the network, for tests and for unusual ways to it."""
        self._clock = clock
        self._http = httpx.Client(transport=transport, verify=tls.context(), follow_redirects=False)

    def close(self) -> None:
        """Closes all connections."""
        self._http.close()

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | Iterator[bytes],
        *,
        seconds: float,
        stall_seconds: float,
        max_bytes: int,
    ) -> Answer:
        """Sends a request with these headers, Host, and no others.

        Args:
            seconds: for all of it.
            stall_seconds: for a connection that makes no progress.
            max_bytes: of the answer.

        Raises:
            NoAnswerError: no answer, or not all of it, within the limits.
        """
        end = self._clock.now() + seconds
        content = body if isinstance(body, bytes) else self._pieces(body, end)
        stall = max(0.001, min(stall_seconds, seconds))
        timeout = httpx.Timeout(stall, connect=min(stall, _CONNECT_SECONDS))
        request = httpx.Request(
            method, url, headers=dict(headers), content=content,
            extensions={"timeout": timeout.as_dict()},
        )  # fmt: skip
        request.url = _URL(url)
        try:
            with limit_sync(seconds):
                response = self._http.send(request, stream=True)
                try:
                    read = self._read(response, end, max_bytes)
                finally:
                    response.close()
        except (httpx.TimeoutException, TimeoutError) as error:
            raise NoAnswerError("timed_out", "there was no answer in time") from error
        except httpx.RequestError as error:
            raise NoAnswerError(
                "no_answer", f"there was no answer ({type(error).__name__})"
            ) from error
        return Answer(response.status_code, dict(response.headers), read)

    def _read(self, response: httpx.Response, end: float, max_bytes: int) -> bytes:
        read = bytearray()
        for piece in response.iter_bytes():
            read += piece
            if len(read) > max_bytes:
                raise NoAnswerError(
                    "answer_too_large", f"the answer has more than {max_bytes} bytes"
                )
            if self._clock.now() > end:
                raise NoAnswerError("timed_out", "the answer did not end in time")
        return bytes(read)

    def _pieces(self, body: Iterator[bytes], end: float) -> Iterator[bytes]:
        # A piece is read from a disk of this machine in well under a millisecond.
        for piece in body:
            if self._clock.now() > end:
                raise NoAnswerError("timed_out", "the request was not sent in time")
            yield piece
