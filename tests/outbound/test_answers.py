"""Answers of which http.client takes more than HTTP allows, or which it reads otherwise: each is an
answer, or lost; none escapes as another exception, and none goes round the limit of bytes."""

from __future__ import annotations

import gzip
import itertools
import socket
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveproof.outbound.connection import Pool
from liveproof.outbound.deadline import Deadline
from liveproof.outbound.errors import AnswerLost, ExchangeFailed
from liveproof.outbound.exchange import exchange
from liveproof.outbound.response import Response
from liveproof.outbound.urls import parse_target
from tests.support.servers import RawServer, Serve, answering, http, read_request, serving

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def ask(server: RawServer, method: str = "POST", pool: Pool | None = None) -> Response:
    return exchange(
        method,
        parse_target(f"http://127.0.0.1:{server.port}/"),
        {},
        b"x" if method == "POST" else None,
        deadline=Deadline(20),
        connect_seconds=5,
        pool=pool,
    )


def body_of(serve: Serve, method: str = "POST") -> bytes:
    with serving(serve) as server, ask(server, method) as response:
        return response.whole(1000, decode=True)


@pytest.mark.parametrize("read", [False, True], ids=["unread", "read"])
@pytest.mark.parametrize(
    ("method", "status"), [("POST", 204), ("POST", 304), ("HEAD", 200), ("HEAD", 404)]
)
def test_an_answer_that_has_no_body_has_none_whatever_it_announces(
    method: str, status: int, read: bool
) -> None:
    """Closing one waited for its chunks, and raised what nobody caught."""

    def serve(connection: socket.socket) -> None:
        for _ in range(2):
            read_request(connection)
            connection.sendall(CHUNKED.replace(b"200", str(status).encode()))

    pool = Pool()
    with serving(serve) as server:
        for _ in range(2):
            with ask(server, method, pool) as response:
                assert response.status == status
                assert not read or response.whole(1000) == b""
        assert server.connections == 1


@pytest.mark.parametrize("size", [b"-1", b"-5", b"-0x5", b"-ffffffffffffffff"])
def test_a_chunk_of_less_than_nothing_is_no_chunk(size: bytes) -> None:
    with pytest.raises(AnswerLost, match="no_answer"):
        body_of(answering(CHUNKED + size + b"\r\n" + b"y" * 100))

    assert body_of(answering(CHUNKED + b"5\r\nplain\r\n0\r\n\r\n")) == b"plain"


def test_no_chunk_goes_round_the_limit_of_bytes() -> None:
    """A chunk of -1 was read to the connection's end, however much came."""

    def endless(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(CHUNKED + b"-1\r\n")
        for _ in range(1000):
            connection.sendall(b"y" * 65536)

    tracemalloc.start()
    try:
        with pytest.raises(AnswerLost):
            body_of(endless)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 2\r\nContent-Length: 4",
        b"Content-Length: 2, 4",
        b"Content-Length: -2",
        b"Content-Length: two",
        b"Content-Length: 1_0",
        b"Transfer-Encoding: gzip, chunked",
        b"Transfer-Encoding: gzip",
        b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    ],
)
def test_an_answer_whose_end_is_not_clear_is_none(head: bytes) -> None:
    with pytest.raises(AnswerLost, match="no_answer"):
        body_of(answering(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\nabcd"))


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 4",
        b"Content-Length: 4\r\nContent-Length: 4",
        b"Content-Length:  4 ",
        b"Transfer-Encoding: identity",
        b"X: y",
    ],
)
def test_an_answer_whose_end_is_clear_is_one(head: bytes) -> None:
    assert body_of(answering(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\nabcd")) == b"abcd"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nX: y\r\n",
        b"HTTP/1.1 200 OK\r\nX: y\r\nContent-Le",
        b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nX: y\r\n",
    ],
)
def test_a_head_that_is_cut_is_none(head: bytes) -> None:
    """http.client took the connection's end for the head's: a header that was lost was not there,
    and a webhook or an upload counted as taken."""
    with pytest.raises(AnswerLost, match="no_answer"):
        body_of(answering(head))

    assert body_of(answering(b"HTTP/1.1 200 OK\r\nX: y\r\n\r\n")) == b""


def test_interim_answers_are_within_a_limit_of_bytes_too() -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: " + b"l" * 1000 + b"\r\n\r\n"

    def endless(connection: socket.socket) -> None:
        read_request(connection)
        for _ in itertools.count():
            connection.sendall(interim)

    with pytest.raises(AnswerLost, match="no_answer"):
        body_of(endless)
    assert body_of(answering(interim * 200 + http(200, b"plain"))) == b"plain"


def test_bytes_after_the_end_of_the_gzip_stream_are_not_dropped() -> None:
    more = gzip.compress(b"first") + gzip.compress(b"second")
    with pytest.raises(AnswerLost, match="not_decoded"):
        body_of(answering(http(200, more, Content_Encoding="gzip")))


PIECES = st.sampled_from(
    [
        *(
            b"HTTP/1.1 200 OK\r\n",
            b"HTTP/1.1 204 x\r\n",
            b"HTTP/1.1 304 x\r\n",
            b"HTTP/1.0 500\r\n",
        ),
        *(b"HTTP/1.1 103 x\r\n\r\n", b"HTTP/1.1 100 x\r\n\r\n", b"HTTP/1.1 101 x\r\n"),
        *(b"Transfer-Encoding: chunked\r\n", b"Content-Length: 3\r\n", b"Content-Length: -1\r\n"),
        *(
            b"Content-Encoding: gzip\r\n",
            b"Connection: keep-alive\r\n",
            b"X: y\r\n",
            b"no colon\r\n",
        ),
        *(b"\r\n", b"\r\n\r\n", b"\r", b"\n", b"\0", b"\xff", b":", b" ", b"=?utf-8?q?=ff?="),
        *(b"3\r\nabc\r\n", b"0\r\n\r\n", b"-1\r\n", b"-5\r\n", b"fffffff\r\n", b"1_0\r\n", b"abc"),
        *(b"9" * 5000, gzip.compress(b"x")),
    ]
)


@pytest.fixture(scope="module")
def odd() -> Iterator[tuple[RawServer, list[bytes]]]:
    """A server, and the answer that it gives."""
    answer = [b""]

    def serve(connection: socket.socket) -> None:
        connection.settimeout(5)
        read_request(connection)
        connection.sendall(answer[0])

    with serving(serve) as server:
        yield server, answer


@settings(max_examples=400, deadline=None)
@given(
    pieces=st.lists(PIECES, max_size=8),
    method=st.sampled_from(["POST", "HEAD", "GET"]),
    read=st.booleans(),
    kept=st.booleans(),
)
def test_no_answer_escapes_as_another_exception(
    odd: tuple[RawServer, list[bytes]], pieces: list[bytes], method: str, read: bool, kept: bool
) -> None:
    server, answer = odd
    answer[:] = [b"".join(pieces)]
    try:
        with ask(server, method, Pool() if kept else None) as response:
            if read:
                assert len(response.whole(1000, decode=True)) <= 1000
    except ExchangeFailed:
        pass
