"""Webhooks that must be sent to nobody, or to the address that was checked."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any
from unittest import mock

from tests.attack.endpoint_ground import Received, keeping, result, send
from tests.attack.rows import Outcome
from tests.support.servers import http, serving

_NOT_SENT = ("url_not_https", "url_unusable", "name_not_resolved", "address_not_public")
_NAME = "hook.example"


class Network:
    """The machine's network, played: what is looked up and connected to while a row runs.

    Args:
        answers: the addresses of each lookup of `hook.example`, in order; the last stays. None:
            names are looked up for real.
        through: the port on 127.0.0.1 that every connection is led to; None: none succeeds.
        dead: addresses that take no connection.
    """

    def __init__(
        self,
        answers: Sequence[Sequence[str]] | None = None,
        through: int | None = None,
        dead: Sequence[str] = (),
    ) -> None:
        self.lookups = 0
        self.connected: list[str] = []
        self._answers = answers
        self._through, self._dead = through, dead
        self._getaddrinfo, self._connect = socket.getaddrinfo, socket.create_connection
        self._patches = ExitStack()

    def _look_up(self, host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if self._answers is None or host not in (_NAME, _NAME.encode()):
            return self._getaddrinfo(host, port, *rest, **more)
        answer = self._answers[min(self.lookups, len(self._answers) - 1)]
        self.lookups += 1
        if not answer:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        addresses = []
        for address in answer:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            where = (address, port, 0, 0) if ":" in address else (address, port)
            addresses.append((family, socket.SOCK_STREAM, 6, "", where))
        return addresses

    def _connection(self, address: Any, timeout: Any = None, *rest: Any, **more: Any) -> Any:
        self.connected.append(str(address[0]))
        if self._through is None or address[0] in self._dead:
            raise ConnectionRefusedError
        return self._connect(("127.0.0.1", self._through), timeout)

    def __enter__(self) -> Network:
        self._patches.enter_context(mock.patch.object(socket, "getaddrinfo", self._look_up))
        self._patches.enter_context(
            mock.patch.object(socket, "create_connection", self._connection)
        )
        return self

    def __exit__(self, *exc: object) -> None:
        self._patches.close()


def refused(url: str) -> Outcome:
    with Network() as network:
        response = send(url, public_only=True)
    reached = f", connected to {network.connected}" if network.connected else ""
    right = response.status is None and response.error in _NOT_SENT
    return Outcome(result(response) + reached, right and not network.connected)


def resolved(addresses: Sequence[str], allowed: bool) -> Outcome:
    with Network([addresses]) as network:
        response = send(f"https://{_NAME}/", public_only=True)
    where = ", ".join(dict.fromkeys(network.connected)) or "nobody"
    right = set(network.connected) <= set(addresses) and bool(network.connected) == allowed
    return Outcome(f"{result(response)}, connected to {where}", right)


def rebound() -> Outcome:
    with Network([("93.184.216.34",), ("127.0.0.1",)]) as network:
        send(f"https://{_NAME}/", public_only=True)
    right = network.lookups == 1 and network.connected == ["93.184.216.34"]
    return Outcome(f"{network.lookups} lookups, connected to {network.connected}", right)


def second_address() -> Outcome:
    received: Received = []
    with (
        serving(keeping(received, http(204))) as server,
        Network([("192.0.2.1", "192.0.2.2")], server.port, dead=["192.0.2.1"]),
    ):
        response = send(f"http://{_NAME}/", public_only=False)
    return Outcome(result(response), response.status == 204)


def slow_name() -> Outcome:
    real = socket.getaddrinfo

    def slow(host: Any, *rest: Any, **more: Any) -> Any:
        if host in (_NAME, _NAME.encode()):
            time.sleep(10)
        return real(host, *rest, **more)

    began = time.monotonic()
    with mock.patch.object(socket, "getaddrinfo", slow):
        response = send(f"http://{_NAME}/", public_only=False, total=1)
    waited = time.monotonic() - began
    return Outcome(f"{result(response)}, {waited:.0f} s", response.status is None and waited < 8)


def literal(url: str, authority: str) -> Outcome:
    """An address in the URL is connected to and named in Host."""
    received: Received = []
    with serving(keeping(received, http(204))) as server, Network(None, server.port) as network:
        response = send(url, public_only=False)
    hosts = [line for request in received for line in request.split(b"\r\n") if b"Host:" in line]
    named = hosts == [f"Host: {authority}".encode()]
    return Outcome(
        f"{result(response)}, connected to {network.connected}",
        response.status == 204 and named,
    )
