"""Connections that are kept for a further request, and ones that are opened ahead of theirs."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from liveproof.outbound import deadline
from liveproof.outbound.connection import Pool, connected_ahead
from liveproof.outbound.errors import ExchangeFailed
from liveproof.outbound.urls import parse_target
from tests.support.exchanges import LONG, ask, at, patient, whole
from tests.support.servers import (
    answering,
    closed_port,
    hang,
    http,
    read_request,
    serving,
)


def test_a_pool_uses_a_connection_again_once_its_answer_was_read() -> None:
    pool = Pool()
    with serving(patient) as server:
        for _ in range(3):
            assert whole(ask(at(server), b"x", pool=pool)) == b"again"
        assert server.connections == 1
        del pool


def test_an_answer_that_was_read_to_its_end_need_not_be_closed() -> None:
    pool = Pool()
    with serving(patient) as server:
        for _ in range(3):
            response = ask(at(server), pool=pool)
            assert (response.read(100), response.read(100)) == (b"again", b"")
        assert server.connections == 1


def test_an_answer_that_is_dropped_gives_its_connection_up() -> None:
    with serving(answering(http(200, b"x" * 100_000))) as server:
        for _ in range(3):
            assert ask(at(server)).status == 200

    assert not deadline._watch._cutters


def test_an_answer_that_was_not_read_to_its_end_costs_its_connection() -> None:
    pool = Pool()

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(http(200, b"x" * 100_000))

    with serving(serve) as server:
        for _ in range(2):
            with ask(at(server), pool=pool) as response:
                response.read(10)
        assert server.connections == 2


def test_a_kept_connection_that_the_server_closed_or_spoke_on_is_not_used() -> None:
    def once(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(http(200, b"x") + after.pop())

    after = [b"", http(200, b"smuggled"), b""]
    pool = Pool()
    with serving(once) as server:
        for _ in range(3):
            assert whole(ask(at(server), pool=pool)) == b"x"
            time.sleep(0.1)
        assert server.connections == 3


def test_each_exchange_over_a_kept_connection_has_its_own_time() -> None:
    pool = Pool()

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(http(200, b"first"))
        hang(connection)

    with serving(serve) as server:
        assert whole(ask(at(server), pool=pool, seconds=60)) == b"first"
        with pytest.raises(ExchangeFailed, match="timed_out"):
            ask(at(server), pool=pool, seconds=0.3)
        assert server.connections == 1


# -- connections that are opened ahead --------------------------------------------------------


def test_a_request_leaves_over_the_connection_that_was_opened_ahead() -> None:
    with serving(answering(http(200, b"in time"))) as server:
        with connected_ahead(parse_target(at(server)).origin, LONG) as opened:
            assert whole(ask(at(server), opened=opened)) == b"in time"
        assert server.connections == 1


def test_a_connection_that_the_server_closed_meanwhile_is_replaced_and_nothing_is_lost() -> None:
    def closes_the_first(connection: socket.socket) -> None:
        if server.connections > 1:
            read_request(connection)
            connection.sendall(http(200, b"second"))

    with serving(closes_the_first) as server:
        with connected_ahead(parse_target(at(server)).origin, LONG) as opened:
            assert opened is not None
            deadline = time.monotonic() + LONG
            while opened.is_usable():
                assert time.monotonic() < deadline, "the server did not close it"
                time.sleep(0.01)
            assert whole(ask(at(server), opened=opened)) == b"second"
        assert server.connections == 2


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_without_time_no_connection_is_opened_ahead(seconds: float) -> None:
    with serving(answering(http(200))) as server:
        with connected_ahead(parse_target(at(server)).origin, seconds) as opened:
            assert opened is None
        assert server.connections == 0


def test_a_server_that_takes_no_connection_is_no_error_before_the_request() -> None:
    origin = parse_target(f"http://127.0.0.1:{closed_port()}").origin
    with connected_ahead(origin, LONG) as opened:
        assert opened is None


def test_a_connection_that_was_opened_ahead_is_closed_even_when_no_request_was_made() -> None:
    closed = threading.Event()

    def serve(connection: socket.socket) -> None:
        if not connection.recv(1):
            closed.set()

    with serving(serve) as server:
        with (
            pytest.raises(RuntimeError, match="another"),
            connected_ahead(parse_target(at(server)).origin, LONG),
        ):
            raise RuntimeError("another fault")
        assert closed.wait(LONG)
