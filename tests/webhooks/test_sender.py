"""One HTTP try against real sockets: bounded, and never further than the checked address."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveproof.clock import SystemClock
from liveproof.dependencies import LateWebhookSender
from liveproof.domain.delivery import WebhookResponse
from liveproof.facts import WebhookSchedule, webhook_schedule
from liveproof.outbound import connection
from liveproof.webhooks import sender
from liveproof.webhooks.sender import HttpWebhookSender
from tests.support.deployment import settings as deployment_settings
from tests.support.servers import (
    answering,
    certificate,
    closed_port,
    hang,
    http,
    read_request,
    serving,
)

QUICK = WebhookSchedule(
    delays_seconds=(1,),
    jitter=0.2,
    connect_timeout_seconds=1,
    total_timeout_seconds=0.5,
    response_bytes_read=1024,
)


def send(
    url: str,
    *,
    schedule: WebhookSchedule = QUICK,
    public_only: bool = False,
    seconds_left: float = 60,
) -> WebhookResponse:
    made = HttpWebhookSender(schedule, SystemClock(), public_only=public_only)
    return made.send(url, {"webhook-id": "msg_1"}, b'{"a":1}', seconds_left)


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


def test_a_refused_connection_is_reported_as_one() -> None:
    response = send(f"http://127.0.0.1:{closed_port()}/hook")

    assert (response.status, response.error) == (None, "not_connected")


def test_a_name_that_does_not_resolve_is_reported_as_one() -> None:
    # A resolver takes its time on a busy machine.
    response = send("http://nothing.invalid/hook", schedule=webhook_schedule())
    assert response.error == "name_not_resolved"


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1/hook", "url_not_https"),
        ("http://example.com/hook", "url_not_https"),
        ("ftp://example.com/hook", "url_not_https"),
        ("file:///etc/passwd", "url_not_https"),
        ("https://127.0.0.1/hook", "address_not_public"),
        ("https://localhost/hook", "address_not_public"),
        ("https://[::1]/hook", "address_not_public"),
        ("https://169.254.169.254/latest/meta-data", "address_not_public"),
        ("https://2130706433/hook", "address_not_public"),
        ("https:///hook", "url_unusable"),
        ("https://[::1/hook", "url_unusable"),
        ("https://host:99999/hook", "url_unusable"),
        ("https://host:port/hook", "url_unusable"),
        ("https://" + "a" * 70 + ".example/", "url_unusable"),
        ("https://a\0b.example/", "url_unusable"),
        ("https://a.example/\r\nX: y", "url_unusable"),
        ("https://a b.example/", "url_unusable"),
        ("https://a%41.example/", "url_unusable"),
        ("https://a..example/", "url_unusable"),
        ("https://./", "url_unusable"),
        ("https://evil.example\\@8.8.8.8/", "url_unusable"),
        ("https://evil.example\\.8.8.8.8/", "url_unusable"),
        ("https://8.8.8.8:0/", "url_unusable"),
        ("https://[2606:4700::xyz]/", "url_unusable"),
        ("https://[v1.abc]/", "url_unusable"),
        ("https://[2606:4700::1%25eth0]/", "url_unusable"),
        ("https://[2606:4700::1%..]/", "url_unusable"),
        ("https://[fd00::abcd]/hook", "address_not_public"),
        ("https://a.example/\ud800", "url_unusable"),
        ("", "url_not_https"),
    ],
)
def test_public_deployments_send_to_public_https_addresses_only(url: str, error: str) -> None:
    response = send(url, public_only=True)

    assert (response.status, response.error) == (None, error)
    if error.startswith("url_"):
        assert response.latency_ms == 0, "nothing was sent"


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    _, context = certificate(tmp_path)
    with serving(answering(http(200)), context) as server:
        response = send(f"https://127.0.0.1:{server.port}/hook")

    assert (response.status, response.error) == (None, "tls_failed")


def test_https_is_spoken_to_the_resolved_address_and_proves_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = certificate(tmp_path)
    monkeypatch.setattr(connection, "authorities_path", lambda: trusted)
    with serving(answering(http(204)), context) as server:
        monkeypatch.setattr(sender, "resolve", lambda *_, **__: ("127.0.0.1",))
        right = send(f"https://localhost:{server.port}/hook", public_only=True)
        wrong = send(f"https://shop.example:{server.port}/hook", public_only=True)

    assert (right.status, right.error) == (204, None)
    assert (wrong.status, wrong.error) == (None, "tls_failed")


def test_a_slow_tls_handshake_is_cut_off(tmp_path: Path) -> None:
    with serving(hang) as server:
        began = time.monotonic()
        response = send(f"https://127.0.0.1:{server.port}/hook")

    assert response.error == "timed_out"
    assert time.monotonic() - began < 1.5


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


def connects_to(monkeypatch: pytest.MonkeyPatch, port: int) -> list[str]:
    """Every connection goes to the port of 127.0.0.1; the addresses that were wanted."""
    attempted: list[str] = []
    connect = socket.create_connection

    def redirected(address: tuple[str, int], timeout: float) -> socket.socket:
        attempted.append(address[0])
        return connect(("127.0.0.1", port), timeout=timeout)

    monkeypatch.setattr(socket, "create_connection", redirected)
    return attempted


@pytest.mark.parametrize(
    "literal", ["2606:4700::abcd", "2a00:1450:4001:81b::200e", "2606:4700:4700::1111"]
)
def test_an_ipv6_literal_is_sent_to_whatever_it_ends_in(
    monkeypatch: pytest.MonkeyPatch, literal: str
) -> None:
    """`abcd` was taken for a port that is no number, after the connection had been made."""
    received = []

    def serve(connection: socket.socket) -> None:
        received.append(read_request(connection))
        connection.sendall(http(204))

    with serving(serve) as server:
        attempted = connects_to(monkeypatch, server.port)
        response = send(f"http://[{literal}]:8080/hook")

    assert (response.status, response.error) == (204, None)
    assert attempted == [literal]
    assert f"Host: [{literal}]:8080\r\n".encode() in received[0]


def resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *more: Any, **named: Any) -> list[Any]:
        if host in (*addresses, "127.0.0.1"):  # what create_connection asks
            return real(host, port, *more, **named)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def test_the_next_address_is_tried_when_one_takes_no_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(answering(http(204))) as server:
        connect = socket.create_connection
        tried: list[str] = []

        def only_the_third(address: tuple[str, int], timeout: float) -> socket.socket:
            tried.append(address[0])
            if len(tried) < 3:
                raise ConnectionRefusedError
            return connect(("127.0.0.1", server.port), timeout=timeout)

        resolving_to(monkeypatch, "8.8.8.8", "1.1.1.1", "9.9.9.9", "8.8.4.4")
        monkeypatch.setattr(socket, "create_connection", only_the_third)
        response = send("http://several.example/hook")

    assert (response.status, response.error) == (204, None)
    assert tried == ["8.8.8.8", "1.1.1.1", "9.9.9.9"]


def test_the_next_address_is_tried_when_one_cannot_prove_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = certificate(tmp_path)
    monkeypatch.setattr(connection, "authorities_path", lambda: trusted)
    resolving_to(monkeypatch, "8.8.8.8", "1.1.1.1", "9.9.9.9")
    connect = socket.create_connection

    def no_tls(connection: socket.socket) -> None:
        connection.sendall(b"no TLS")

    with serving(no_tls) as broken, serving(answering(http(204)), context) as server:
        ports = {"8.8.8.8": closed_port(), "1.1.1.1": broken.port, "9.9.9.9": server.port}

        def redirected(address: tuple[str, int], timeout: float) -> socket.socket:
            return connect(("127.0.0.1", ports[address[0]]), timeout=timeout)

        monkeypatch.setattr(socket, "create_connection", redirected)
        response = send("https://localhost/hook", schedule=webhook_schedule())

    assert (response.status, response.error) == (204, None)
    assert (broken.connections, server.connections) == (1, 1)


def test_no_address_is_tried_when_one_of_them_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving_to(monkeypatch, "8.8.8.8", "10.0.0.1")
    attempted = connects_to(monkeypatch, closed_port())

    assert send("https://mixed.example/", public_only=True).error == "address_not_public"
    assert attempted == []


def test_addresses_that_do_not_answer_share_the_total_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(address: tuple[str, int], timeout: float) -> socket.socket:
        time.sleep(timeout)
        raise TimeoutError

    resolving_to(monkeypatch, *(f"8.8.8.{number}" for number in range(200)))
    monkeypatch.setattr(socket, "create_connection", never)
    began = time.monotonic()
    response = send("http://several.example/hook")

    assert response.error == "timed_out"
    assert time.monotonic() - began < 5


def test_a_resolver_that_hangs_does_not_hold_the_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: ended.wait(20) and [])
    began = time.monotonic()
    response = send("https://slow.example/hook", public_only=True)
    took = time.monotonic() - began
    ended.set()

    assert (response.status, response.error) == (None, "timed_out")
    assert took < 5


def test_a_name_with_a_last_dot_is_proven_by_its_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = certificate(tmp_path)
    monkeypatch.setattr(connection, "authorities_path", lambda: trusted)
    resolving_to(monkeypatch, "127.0.0.1")
    with serving(answering(http(204)), context) as server:
        right = send(f"https://localhost.:{server.port}/hook")
        wrong = send(f"https://shop.example.:{server.port}/hook")

    assert (right.status, right.error) == (204, None)
    assert (wrong.status, wrong.error) == (None, "tls_failed")


@settings(deadline=None)
@given(st.text())
def test_no_url_makes_sending_raise(text: str) -> None:
    for url in (text, f"https://{text}/hook", f"https://hook.invalid/{text}"):
        response = send(url, public_only=True, seconds_left=0.01)

        assert response.status is None


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


# -- what was answered


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
