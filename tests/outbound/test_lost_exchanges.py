"""How far a request got that has no answer: never sent, sent in part, or sent whole."""

from __future__ import annotations

import errno
import queue
import socket
import struct
import time
from pathlib import Path

import pytest

from liveproof.outbound.connection import Connection, Pool, connect
from liveproof.outbound.errors import AnswerLost, NeverSent, SentInPart
from liveproof.outbound.exchange import Body
from liveproof.outbound.response import Response
from liveproof.outbound.urls import parse_target
from tests.support.exchanges import ask, at, patient, whole
from tests.support.servers import (
    Serve,
    answering,
    certificate,
    closed_port,
    hang,
    http,
    read_request,
    serving,
)


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
