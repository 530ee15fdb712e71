"""One exchange against servers that misbehave: bounded in time and bytes, and honest about how far
the request got."""

from __future__ import annotations

import errno
import gzip
import queue
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from liveproof.outbound import connection, deadline
from liveproof.outbound.connection import Connection, Pool, connect
from liveproof.outbound.errors import AnswerLost, NeverSent, SentInPart
from liveproof.outbound.exchange import Body
from liveproof.outbound.response import Response
from liveproof.outbound.urls import parse_target
from tests.support.bombs import gzip_bomb
from tests.support.exchanges import LONG, ask, at, patient, whole
from tests.support.servers import (
    Serve,
    answering,
    certificate,
    closed_port,
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


# -- how far it got ---------------------------------------------------------------------------


def test_an_exchange_that_never_connected_has_sent_nothing(tmp_path: Path) -> None:
    _, context = certificate(tmp_path)
    with serving(answering(http(200)), context) as server:
        untrusted = at(server, "https")
        for url, why in (
            (f"http://127.0.0.1:{closed_port()}/canary", "not_connected"),
            ("http://canary.invalid/", "name_not_resolved"),
            (untrusted, "tls_failed"),
        ):
            with pytest.raises(NeverSent) as failed:
                ask(url, b"face")
            assert failed.value.why == str(failed.value) == why


def reset(connection: socket.socket) -> None:
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close(connection: socket.socket) -> None:
    read_request(connection)


CUT = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst")
LOST = {
    "reset": reset,
    "closed": close,
    "no HTTP": answering(b"SSH-2.0-canary\r\n"),
    "no status": answering(b"HTTP/1.1 abc OK\r\n\r\n"),
    "200 headers": answering(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"),
    "a long header": answering(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"),
    "a short body": CUT,
    "broken chunks": answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "cut chunks": answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
    "no last chunk": answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"),
}


@pytest.mark.parametrize("serve", LOST.values(), ids=LOST)
def test_an_answer_that_breaks_off_is_lost_and_says_nothing_of_the_request(
    serve: Serve,
) -> None:
    with serving(serve) as server, pytest.raises(AnswerLost) as lost:
        whole(ask(at(server), b"face"))

    assert lost.value.why in ("no_answer", "timed_out")
    assert lost.value.__suppress_context__ or lost.value.__context__ is None


@pytest.mark.parametrize("amount", [1, 3, 1000])
def test_a_body_that_ends_early_never_looks_whole(amount: int) -> None:
    def read_all(response: Response) -> None:
        while response.read(amount):
            pass

    with serving(CUT) as server, ask(at(server)) as response, pytest.raises(AnswerLost):
        read_all(response)


def test_a_server_that_answers_before_it_has_read_everything_is_heard() -> None:
    def impatient(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(http(413, b"too large"))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    with serving(impatient) as server:
        response = ask(at(server), bytes(20_000_000))
        assert (response.status, whole(response)) == (413, b"too large")


def test_a_server_that_goes_away_while_the_body_is_sent_has_not_got_it_whole() -> None:
    def go(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with serving(go) as server, pytest.raises(SentInPart):
        ask(at(server), bytes(20_000_000))


@pytest.mark.parametrize("body", [None, b""])
def test_a_request_without_a_body_may_have_arrived_however_its_head_failed(body: Body) -> None:
    """With an empty body it counted as sent in part."""

    pool = Pool()
    with serving(patient) as server:
        whole(ask(at(server), body, pool=pool))
        (kept,) = pool._idle[parse_target(at(server)).origin]
        kept.is_usable = lambda: True  # type: ignore[method-assign]  # it ends right afterwards
        kept.handle.shutdown(socket.SHUT_RDWR)
        with pytest.raises(AnswerLost):
            ask(at(server), body, pool=pool)


def test_a_connection_that_took_all_the_time_is_not_sent_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    received = []

    def serve(connection: socket.socket) -> None:
        received.append(read_request(connection))
        connection.sendall(http(200))

    def slow(*arguments: object) -> Connection:
        opened: Connection = connect(*arguments)  # type: ignore[arg-type]
        time.sleep(pause)
        return opened

    monkeypatch.setattr("liveproof.outbound.exchange.connect", slow)
    with serving(serve) as server:
        pause = 0.5
        with pytest.raises(NeverSent, match="timed_out"):
            ask(at(server), b"face", seconds=0.4)
        pause = 0.1
        assert ask(at(server), b"face").status == 200

    assert [request[-4:] for request in received if request] == [b"face"]


def test_a_process_without_a_descriptor_left_has_sent_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_more(self: socket.socket) -> socket.socket:
        raise OSError(errno.EMFILE, "Too many open files")

    with serving(answering(http(200))) as server:
        with monkeypatch.context() as patch:
            patch.setattr(socket.socket, "dup", no_more)
            with pytest.raises(NeverSent, match="not_connected"):
                ask(at(server), b"face")
        assert ask(at(server), b"face").status == 200


class Stream:
    """A stream of parts; an exception is raised in its turn."""

    def __init__(self, *parts: bytes | Exception, size: int | None = None) -> None:
        self._parts = list(parts)
        self.size = sum(len(p) for p in parts if isinstance(p, bytes)) if size is None else size

    def read(self, amount: int = -1) -> bytes:
        part = self._parts.pop(0) if self._parts else b""
        if isinstance(part, Exception):
            raise part
        return part


def test_a_stream_is_sent_with_its_length() -> None:
    received = []

    def serve(connection: socket.socket) -> None:
        received.append(read_request(connection))
        connection.sendall(http(200))

    with serving(serve) as server:
        whole(ask(at(server), Stream(b"one", b"two", b"three"), method="PUT"))

    assert b"Content-Length: 11\r\n" in received[0]
    assert received[0].endswith(b"\r\n\r\nonetwothree")


class Replaced(Exception):
    pass


@pytest.mark.parametrize("error", [Replaced(), BrokenPipeError(), ValueError()])
def test_a_stream_that_raises_at_its_end_keeps_its_last_part_back(error: Exception) -> None:
    """So that what hashes a file while it is sent can still refuse it."""
    received: queue.Queue[bytes] = queue.Queue()

    def serve(connection: socket.socket) -> None:
        received.put(read_request(connection))

    with serving(serve) as server:
        with pytest.raises(type(error)):
            ask(at(server), Stream(b"one", b"two", error))
        request = received.get(timeout=10)

    assert b"one" in request
    assert b"two" not in request


def test_a_stream_that_is_shorter_than_it_said_is_not_waited_for() -> None:
    with serving(hang) as server, pytest.raises(SentInPart, match="body_ended"):
        ask(at(server), Stream(b"one", size=10))
