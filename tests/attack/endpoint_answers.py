"""What a webhook endpoint answers, and what the sender makes of it."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.attack.endpoint_ground import Received, Serve, keeping, result, send
from tests.attack.rows import Outcome
from tests.attack.vendor_ground import stopping
from tests.support.bombs import gzip_bomb
from tests.support.servers import http, read_request, serving


def raw(answer: bytes) -> Serve:
    """Reads the request and answers these bytes."""

    def serve(connection: Any) -> None:
        read_request(connection)
        with suppress(OSError):
            connection.sendall(answer)

    return serve


def _after_request(work: Serve) -> Serve:
    def serve(connection: Any) -> None:
        read_request(connection)
        with suppress(OSError):
            work(connection)

    return serve


def _endless(head: bytes, part: bytes, every: float = 0.0, times: int = 4000) -> Serve:
    def work(connection: Any) -> None:
        parts = itertools.chain([head], itertools.repeat(part, times))
        if every:
            stopping(connection, parts, every)
            return
        for piece in parts:
            connection.sendall(piece)

    return _after_request(work)


_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
_MB = b"x" * 1_000_000


@dataclass(frozen=True)
class Answered:
    """An endpoint's behaviour; `ends`: the statuses and errors that may come of it."""

    name: str
    serve: Serve
    ends: tuple[int | str, ...]


ANSWERED = (
    *(Answered(f"status {status}", raw(http(status)), (status,))
      for status in (200, 204, 299, 301, 302, 303, 304, 307, 308, 400, 410, 429, 500, 503)),
    Answered("102 before 204", raw(b"HTTP/1.1 102 Processing\r\n\r\n" + http(204)), (204,)),
    Answered("103 before 204",
             raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + http(204)), (204,)),
    Answered("100 before 204", raw(b"HTTP/1.1 100 Continue\r\n\r\n" + http(204)), (204,)),
    Answered("101 and nothing", raw(b"HTTP/1.1 101 Switching\r\n\r\n"), (101, "no_answer")),
    Answered("its status byte by byte", _endless(b"", b"HTTP/1.1 200 OK"[:1], 0.1),
             ("timed_out", "no_answer")),
    Answered("its headers byte by byte", _endless(_OK + b"X: ", b"x", 0.1), ("timed_out",)),
    Answered("its body byte by byte", _endless(_OK + b"\r\n", b"x", 0.1), (200, "timed_out")),
    Answered("100 Continue without end", _endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01),
             ("timed_out", "no_answer")),
    Answered("103 without end", _endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.01),
             ("timed_out", "no_answer")),
    Answered("nothing at all", lambda connection: connection.recv(100_000) and connection.recv(1),
             ("timed_out", "no_answer")),
    Answered("headers without end", _endless(_OK, b"X: y\r\n" * 100), ("no_answer", "timed_out")),
    Answered("one header of 100 MB", _endless(_OK + b"X: ", _MB, times=100),
             ("no_answer", "timed_out")),
    Answered("a body of 1 GB", _endless(_OK + b"\r\n", _MB, times=1000), (200,)),
    Answered("a chunked body of 1 GB", _endless(_CHUNKED, b"f4240\r\n" + _MB + b"\r\n", times=1000),
             (200,)),
    Answered("a chunk of 1 GB in hex", raw(_CHUNKED + b"40000000\r\nx"), (200,)),
    Answered("a chunk's length without end", _endless(_CHUNKED, b"0" * 1000), (200, "no_answer")),
    Answered("chunks that are none", raw(_CHUNKED + b"zz\r\n"), (200, "no_answer")),
    Answered("a gzip bomb",
             raw(http(200, gzip_bomb(50, b" "), Content_Encoding="gzip")), (200,)),
    Answered("a reason without words", raw(b"HTTP/1.1 200\r\n\r\n"), (200,)),
    Answered("status 999", raw(b"HTTP/1.1 999 X\r\n\r\n"), (999, "no_answer")),
    Answered("status -1", raw(b"HTTP/1.1 -1 X\r\n\r\n"), ("no_answer",)),
    Answered("status 20O", raw(b"HTTP/1.1 20O X\r\n\r\n"), ("no_answer",)),
    Answered("status of arabic digits",
             raw("HTTP/1.1 ٢٠٠ X\r\n\r\n".encode()), ("no_answer",)),
    Answered("status of 36 digits", raw(b"HTTP/1.1 " + b"2" * 36 + b" X\r\n\r\n"), ("no_answer",)),
    Answered("HTTP/9.9", raw(b"HTTP/9.9 200 X\r\n\r\n"), ("no_answer", 200)),
    Answered("no HTTP", raw(b"garbage\r\n\r\n"), ("no_answer",)),
    Answered("a TLS record", raw(b"\x16\x03\x01\x00"), ("no_answer",)),
    Answered("closed at once", raw(b""), ("no_answer",)),
    Answered("Content-Length -5", raw(_OK + b"Content-Length: -5\r\n\r\n"), (200, "no_answer")),
    Answered("Content-Length of 12 digits", raw(_OK + b"Content-Length: 999999999999\r\n\r\n"),
             (200, "no_answer")),
    Answered("a header with NUL", raw(_OK + b"X: \x00\r\n\r\n"), (200, "no_answer")),
)  # fmt: skip

RETRY_AFTER = (
    "120", "-5", "1e9", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 1 23:59:59 +9999",
    "Mon, 32 Foo 2020", "\xff\xfe", "0", "Thu, 01 Jan 99999999999999999999", ",,,", '"((((((((((',
    "nan", "inf", "Wed, 21 Oct 2015 07:28:00 -9999",
)  # fmt: skip


def answer_outcome(answered: Answered) -> Outcome:
    with serving(answered.serve) as server:
        response = send(f"http://127.0.0.1:{server.port}/hook", public_only=False)
        server.ended.set()
    got = response.status if response.status is not None else response.error
    return Outcome(result(response), got in answered.ends)


def redirected(status: int) -> Outcome:
    received: Received = []
    with serving(keeping(received, http(200))) as victim:
        away = http(status, Location=f"http://127.0.0.1:{victim.port}/")
        with serving(raw(away)) as server:
            response = send(f"http://127.0.0.1:{server.port}/", public_only=False)
    right = response.status == status and not received and not response.accepted
    return Outcome(f"{result(response)}, {len(received)} followed", right)


def retry_after(value: str) -> Outcome:
    answer = b"HTTP/1.1 503 X\r\nRetry-After: " + value.encode("latin-1") + b"\r\n\r\n"
    with serving(raw(answer)) as server:
        response = send(f"http://127.0.0.1:{server.port}/", public_only=False)
    after = response.retry_after
    return Outcome(
        f"{result(response)}, {after}",
        response.status == 503 and (after is None or after >= 0),
    )


def request_line(path: str) -> Outcome:
    received: Received = []
    with serving(keeping(received, http(204))) as server:
        response = send(f"http://u:p@127.0.0.1:{server.port}{path}", public_only=False)
    if not received:
        return Outcome(result(response), response.error == "url_unusable")
    head = received[0].partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:]]
    first = head.split(b"\r\n", 1)[0]
    clean = (
        len(received) == 1 and names.count(b"host") == 1 and b"x-evil" not in names
        and first.count(b" ") == 2 and b"evil.example" not in b"".join(names)
    )  # fmt: skip
    return Outcome(f"{first.decode('latin-1')[:80]}", clean and response.status == 204)
