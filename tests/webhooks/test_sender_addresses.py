"""Where one attempt connects to: to a checked address alone, which proves the name."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveproof.facts import webhook_schedule
from liveproof.outbound import connection
from liveproof.webhooks import sender
from tests.support.servers import (
    answering,
    certificate,
    closed_port,
    hang,
    http,
    read_request,
    serving,
)
from tests.support.webhook_sending import send


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
