"""One exchange against servers that misbehave: bounded in time and bytes."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from liveproof.outbound import connection, deadline
from liveproof.outbound.errors import AnswerLost, NeverSent, SentInPart
from tests.support.bombs import gzip_bomb
from tests.support.exchanges import LONG, ask, at, whole
from tests.support.servers import (
    Serve,
    answering,
    certificate,
    dripping,
    hang,
    http,
    read_request,
    serving,
)

# -- what is sent -----------------------------------------------------------------------------


def test_a_request_is_sent_as_it_is_given_and_asks_for_no_compression() -> None:
    received = []

    def serve(connection: socket.socket) -> None:
        received.append(read_request(connection))
        connection.sendall(http(200, b"body", X_One="1"))

    with serving(serve) as server:
        response = ask(at(server), b"bytes", Name="value")
        assert (response.status, response.headers["x-one"]) == (200, "1")
        assert whole(response) == b"body"

    head, _, body = received[0].partition(b"\r\n\r\n")
    assert head.decode("ascii").split("\r\n") == [
        "POST /path?canary=1 HTTP/1.1",
        "Accept-Encoding: identity",
        f"Host: 127.0.0.1:{server.port}",
        "Name: value",
        "Content-Length: 5",
        "Connection: close",
    ]
    assert body == b"bytes"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    with serving(answering(http(200))) as other:
        away = http(status, b"moved", Location=f"http://127.0.0.1:{other.port}/")
        with serving(answering(away)) as server:
            response = ask(at(server), b"face")
            assert (response.status, whole(response)) == (status, b"moved")

    assert (server.connections, other.connections) == (1, 0)


# -- time -------------------------------------------------------------------------------------


def take_nothing(connection: socket.socket) -> None:
    time.sleep(2)


SLOW = {
    "no answer": hang,
    "status line": dripping(b"HTTP/1.1 200 O"),
    "head": dripping(b"HTTP/1.1 200 OK\r\nX: "),
    "body with a length": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"),
    "body without a length": dripping(b"HTTP/1.1 200 OK\r\n\r\n"),
    "chunks": dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n"),
}


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("serve", SLOW.values(), ids=SLOW)
def test_the_total_time_ends_every_wait(
    serve: Serve, tls: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = certificate(tmp_path)
    monkeypatch.setattr(connection, "authorities_path", lambda: trusted)
    with serving(serve, context if tls else None) as server:
        began = time.monotonic()
        with pytest.raises(AnswerLost) as lost:
            whole(ask(at(server, "https" if tls else "http"), b"x", seconds=0.4))

    assert lost.value.why == "timed_out"
    assert time.monotonic() - began < LONG


def test_a_handshake_that_does_not_end_is_cut_and_nothing_was_sent() -> None:
    def dribble(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"\x16\x03\x03\x40\x00"[:1])
            time.sleep(0.05)

    for serve in (take_nothing, dribble):
        with serving(serve) as server:
            began = time.monotonic()
            with pytest.raises(NeverSent):
                ask(at(server, "https"), seconds=0.4)
            assert time.monotonic() - began < LONG


def test_sending_that_does_not_end_is_cut() -> None:
    with serving(take_nothing) as server:
        began = time.monotonic()
        with pytest.raises(SentInPart, match="timed_out"):
            ask(at(server), bytes(40_000_000), seconds=0.4)
    assert time.monotonic() - began < LONG


def test_one_wait_may_be_shorter_than_all() -> None:
    with serving(hang) as server:
        began = time.monotonic()
        with pytest.raises(AnswerLost, match="timed_out"):
            ask(at(server), seconds=60, idle=0.3)
    assert time.monotonic() - began < LONG


def test_one_thread_watches_the_deadlines_of_all_exchanges() -> None:
    with serving(answering(http(200, b"x"))) as server:
        whole(ask(at(server), seconds=60))
        before = threading.active_count()
        open_ones = [ask(at(server), seconds=60) for _ in range(5)]
        assert threading.active_count() <= before
        for response in open_ones:
            whole(response)

    assert not deadline._watch._cutters


def test_a_short_deadline_is_kept_while_a_longer_one_is_watched() -> None:
    with serving(answering(http(200, b"x"))) as patient_server, serving(SLOW["head"]) as server:
        longer = ask(at(patient_server), seconds=60)
        began = time.monotonic()
        with pytest.raises(AnswerLost, match="timed_out"):
            whole(ask(at(server), seconds=0.4))
        assert time.monotonic() - began < LONG
        whole(longer)


# -- bytes ------------------------------------------------------------------------------------


def endless(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


@pytest.mark.parametrize("serve", [endless, answering(http(200, b"x" * 1001))])
def test_more_bytes_than_the_limit_are_not_read(serve: Serve) -> None:
    with serving(serve) as server, pytest.raises(AnswerLost, match="too_large"):
        whole(ask(at(server)), 1000)


def test_as_many_bytes_as_the_limit_are_taken() -> None:
    with serving(answering(http(200, b"x" * 1000))) as server:
        assert len(whole(ask(at(server)), 1000)) == 1000


ENCODED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "GZIP ": gzip.compress,
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_a_compressed_answer_is_read_if_that_is_asked_for_and_left_as_it_is_if_not(
    encoding: str,
) -> None:
    sent = ENCODED[encoding](b"plain" * 200)
    with serving(answering(http(200, sent, Content_Encoding=encoding))) as server:
        assert whole(ask(at(server)), 1000, decode=True) == b"plain" * 200
        assert whole(ask(at(server)), 1000) == sent


@pytest.mark.parametrize(
    ("encoding", "sent", "why"),
    [
        ("gzip", gzip_bomb(50), "too_large"),
        ("deflate", zlib.compress(b"x" * 1001), "too_large"),
        ("gzip", b"\x1f\x8b\x08 no gzip", "not_decoded"),
        ("gzip", gzip.compress(b"cut short" * 50)[:-9], "not_decoded"),
        ("br", b"anything", "not_decoded"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"x")), "not_decoded"),
    ],
    ids=["large gzip", "large deflate", "no gzip", "cut short", "unknown", "packed twice"],
)
def test_a_body_that_unpacks_to_too_much_or_not_at_all_is_refused(
    encoding: str, sent: bytes, why: str
) -> None:
    limit = 1000 if len(sent) < 1000 else len(sent)
    with (
        serving(answering(http(200, sent, Content_Encoding=encoding))) as server,
        pytest.raises(AnswerLost, match=why),
    ):
        whole(ask(at(server)), limit, decode=True)
