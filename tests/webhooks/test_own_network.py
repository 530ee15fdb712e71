"""Whose fault it is that an endpoint cannot be reached: its own, or that of our network."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from msgspec import structs

from liveproof.clock import SystemClock
from liveproof.dependencies import LateWebhookSender
from liveproof.domain.delivery import WebhookResponse
from liveproof.facts import WebhookSchedule
from liveproof.outbound.urls import Origin
from liveproof.webhooks import sender
from liveproof.webhooks.sender import HttpWebhookSender
from tests.support.deployment import settings as deployment_settings
from tests.support.servers import (
    closed_port,
    hang,
    serving,
)
from tests.support.webhook_sending import QUICK

PATIENT = structs.replace(QUICK, connect_timeout_seconds=10, total_timeout_seconds=20)
"""For tries whose failure comes at once, unless the machine is busy."""


def send_with_control(
    url: str, port: int, seconds_left: float = 60, schedule: WebhookSchedule = QUICK
) -> WebhookResponse:
    """One try, with a control server at a port of this machine."""
    http_sender = HttpWebhookSender(
        schedule,
        SystemClock(),
        public_only=False,
        control=Origin(tls=True, host="127.0.0.1", port=port),
    )
    return http_sender.send(url, {}, b"{}", seconds_left)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://nothing.invalid/hook", "name_not_resolved"),
        ("http://127.0.0.1:{closed}/hook", "not_connected"),
    ],
)
def test_a_failure_to_reach_the_endpoint_is_ours_only_if_the_vendor_is_out_of_reach_too(
    url: str, error: str
) -> None:
    url = url.format(closed=closed_port())
    with serving(hang) as control:
        well = send_with_control(url, control.port, schedule=PATIENT)
    down = send_with_control(url, closed_port(), schedule=PATIENT)

    assert (well.error, well.is_own_fault) == (error, False)
    assert (down.error, down.is_own_fault) == ("network_down", True)


def test_a_resolver_that_does_not_answer_is_our_fault_if_it_knows_no_name_at_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_resolver(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", no_resolver)
    http_sender = HttpWebhookSender(
        QUICK, SystemClock(), public_only=True, control=Origin(True, "vendor.example", 443)
    )

    assert http_sender.send("https://shop.example/", {}, b"{}", 60).error == "network_down"


def test_an_answer_that_does_not_come_is_the_endpoints_whatever_the_network_is_like() -> None:
    with serving(hang) as server:
        response = send_with_control(f"http://127.0.0.1:{server.port}/hook", closed_port())

    assert (response.error, response.is_own_fault) == ("timed_out", False)


def test_without_time_left_the_network_is_not_looked_up() -> None:
    url = f"http://127.0.0.1:{closed_port()}/hook"

    assert send_with_control(url, closed_port(), seconds_left=0).error == "timed_out"


@pytest.mark.parametrize(
    ("left_ms", "error"), [(-1, "not_connected"), (0, "not_connected"), (1_000, "network_down")]
)
def test_the_network_is_asked_only_in_the_time_that_the_attempt_has_left(
    monkeypatch: pytest.MonkeyPatch, left_ms: int, error: str
) -> None:
    """Else the function is stopped while it asks, and the attempt is recorded nowhere."""
    monkeypatch.setattr(sender, "milliseconds_since", lambda _: 60_000 - left_ms)
    url = f"http://127.0.0.1:{closed_port()}/hook"
    response = send_with_control(url, closed_port(), seconds_left=60, schedule=PATIENT)

    assert (response.error, response.latency_ms) == (error, 60_000 - left_ms)


def test_the_network_is_asked_for_three_seconds_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    timeouts: list[float] = []

    def refuse(_: tuple[str, int], timeout: float) -> socket.socket:
        timeouts.append(timeout)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    response = send_with_control("http://127.0.0.1/hook", port=443, schedule=PATIENT)

    assert response.error == "network_down"
    assert 2 < timeouts[-1] <= 3


def test_the_control_server_is_the_vendors_endpoint() -> None:
    settings = deployment_settings(
        webhook_address_policy="any", vendor_endpoint=f"http://127.0.0.1:{closed_port()}"
    )
    late_sender = LateWebhookSender(settings, SystemClock())
    response = late_sender.send(f"http://127.0.0.1:{closed_port()}/", {}, b"{}", seconds_left=60)

    assert response.error == "network_down"
