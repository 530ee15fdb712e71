"""What an endpoint may answer to one attempt over real sockets: bounded in time and bytes."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Callable

import pytest

from liveproof.clock import SystemClock
from liveproof.dependencies import LateWebhookSender
from liveproof.facts import webhook_schedule
from tests.support.deployment import settings as deployment_settings
from tests.support.servers import (
    answering,
    hang,
    http,
    read_request,
    serving,
)
from tests.support.webhook_sending import send


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_taken(status: int) -> None:
    with serving(answering(http(status))) as server:
        response = send(f"http://127.0.0.1:{server.port}/hook")

    assert (response.status, response.error) == (status, None)
    assert response.accepted


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(status: int) -> None:
    with serving(answering(http(200))) as other:
        away = http(status, Location=f"http://127.0.0.1:{other.port}/")
        with serving(answering(away)) as server:
            response = send(f"http://127.0.0.1:{server.port}/hook")

    assert response.status == status
    assert not response.accepted
    assert (server.connections, other.connections) == (1, 0)


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_other_answers_are_failures(status: int) -> None:
    with serving(answering(http(status))) as server:
        response = send(f"http://127.0.0.1:{server.port}/hook")

    assert response.status == status
    assert not response.accepted


def test_the_endpoint_gets_the_exact_bytes_and_headers() -> None:
    received: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        received.append(read_request(connection))
        connection.sendall(http(204))

    with serving(serve) as server:
        send(f"http://user:secret@127.0.0.1:{server.port}/a b/ü?x=1&y=ü#part")

    head, _, body = received[0].partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")
    assert lines[0] == "POST /a%20b/%C3%BC?x=1&y=%C3%BC HTTP/1.1"
    assert f"Host: 127.0.0.1:{server.port}" in lines
    assert "Content-Type: application/json" in lines
    assert "Content-Length: 7" in lines
    assert "webhook-id: msg_1" in lines
    assert any(line.startswith("User-Agent: liveproof/") for line in lines)
    assert "secret" not in head.decode()
    assert body == b'{"a":1}'


def drip_header(connection: socket.socket) -> None:
    read_request(connection)
    for letter in itertools.cycle(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 50):
        connection.sendall(bytes([letter]))
        time.sleep(0.02)


def drip_continue(connection: socket.socket) -> None:
    read_request(connection)
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.02)


def take_nothing(connection: socket.socket) -> None:
    time.sleep(1)


@pytest.mark.parametrize("serve", [drip_header, drip_continue, hang, take_nothing])
def test_a_slow_endpoint_is_cut_off_after_the_total_timeout(
    serve: Callable[[socket.socket], None],
) -> None:
    with serving(serve) as server:
        began = time.monotonic()
        response = send(f"http://127.0.0.1:{server.port}/hook")
        took = time.monotonic() - began

    assert (response.status, response.error) == (None, "timed_out")
    assert 0.4 < took < 1.5


def test_the_functions_remaining_time_caps_the_timeout() -> None:
    with serving(hang) as server:
        began = time.monotonic()
        response = send(
            f"http://127.0.0.1:{server.port}/", schedule=webhook_schedule(), seconds_left=0.3
        )

    assert response.error == "timed_out"
    assert time.monotonic() - began < 1.5


def endless_body(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def silent_body(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nfirst")
    connection.recv(1)


def broken_body(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")


def bomb(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(http(200, b"not gzip at all", Content_Encoding="gzip"))


@pytest.mark.parametrize("serve", [endless_body, silent_body, broken_body, bomb])
def test_a_2xx_counts_whatever_becomes_of_its_body(
    serve: Callable[[socket.socket], None],
) -> None:
    with serving(serve) as server:
        began = time.monotonic()
        response = send(f"http://127.0.0.1:{server.port}/hook")

    assert (response.status, response.error) == (200, None)
    assert time.monotonic() - began < 1.5


def test_no_more_of_the_answer_is_read_than_the_schedule_says() -> None:
    sent = 0

    def flood(connection: socket.socket) -> None:
        nonlocal sent
        read_request(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(1000):
            sent += connection.send(b"x" * 65536)

    with serving(flood) as server:
        response = send(f"http://127.0.0.1:{server.port}/hook")

    assert response.accepted
    assert sent < 50 * 1024 * 1024


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.7\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(200)) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
    ids=["nothing", "ssh", "no number", "200 headers", "a long header"],
)
def test_a_malformed_http_response_is_no_answer(answer: bytes) -> None:
    with serving(answering(answer)) as server:
        response = send(f"http://127.0.0.1:{server.port}/hook")

    assert (response.status, response.error) == (None, "no_answer")


def interim(*statuses: int) -> bytes:
    return b"".join(
        b"HTTP/1.1 %d Interim\r\nLink: </style.css>\r\n\r\n" % status for status in statuses
    )


@pytest.mark.parametrize(
    "statuses", [(102,), (103,), (103, 103, 102), (100, 103, 100), (199,) * 500], ids=len
)
@pytest.mark.parametrize(("final", "accepted"), [(204, True), (500, False)])
def test_interim_answers_before_the_final_one_are_passed_over(
    statuses: tuple[int, ...], final: int, accepted: bool
) -> None:
    """102 and 103 counted as failures: ten attempts to an endpoint that had taken each."""
    with serving(answering(interim(*statuses) + http(final))) as server:
        response = send(f"http://127.0.0.1:{server.port}/hook", schedule=webhook_schedule())

    assert (response.status, response.error) == (final, None)
    assert response.accepted == accepted


def test_interim_answers_without_end_are_cut_off() -> None:
    def early_hints(connection: socket.socket) -> None:
        read_request(connection)
        while True:
            connection.sendall(interim(103))
            time.sleep(0.02)

    with serving(early_hints) as server:
        response = send(f"http://127.0.0.1:{server.port}/hook")

    assert (response.status, response.error) == (None, "timed_out")


def test_switching_protocols_is_no_interim_answer() -> None:
    with serving(answering(b"HTTP/1.1 101 Switching\r\n\r\n" + http(204))) as server:
        response = send(f"http://127.0.0.1:{server.port}/hook")

    assert response.status == 101
    assert not response.accepted


@pytest.mark.parametrize(("policy", "error"), [("public", "url_not_https"), ("any", None)])
def test_the_deployments_setting_says_whether_http_is_sent(policy: str, error: str | None) -> None:
    sender = LateWebhookSender(deployment_settings(webhook_address_policy=policy), SystemClock())
    with serving(answering(http(204))) as server:
        response = sender.send(f"http://127.0.0.1:{server.port}/", {}, b"{}", seconds_left=60)

    assert response.error == error


def test_the_endpoint_may_say_when_to_ask_again() -> None:
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 77\r\nContent-Length: 0\r\n\r\n"
    with serving(answering(busy)) as server:
        response = send(f"http://127.0.0.1:{server.port}/hook")

    assert (response.status, response.retry_after) == (503, 77)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 5\r\n\r\nno db", "no db"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 90000\r\n\r\n" + b"x" * 90_000, "x" * 200),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 50\r\n\r\ncut short", "cut short"),
        (http(204), None),
    ],
    ids=["short", "long", "broken off", "none"],
)
def test_the_first_characters_of_an_answer_are_recorded(answer: bytes, text: str | None) -> None:
    with serving(answering(answer)) as server:
        response = send(f"http://127.0.0.1:{server.port}/hook")

    assert response.status in (500, 204)
    assert response.answer == text
