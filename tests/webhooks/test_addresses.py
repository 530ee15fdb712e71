"""Where a webhook may go."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from liveproof.outbound.deadline import Deadline
from liveproof.outbound.errors import NeverSent
from liveproof.webhooks.addresses import AddressRefused, is_public, resolve

REFUSED = {
    "this network": ["0.0.0.0", "0.1.2.3"],  # noqa: S104
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd12::1", "fc00::1"],
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "unspecified": ["::"],
    "link-local": ["169.254.1.1", "fe80::1", "fe80::1%eth0", "febf::1"],
    "metadata": ["169.254.169.254", "169.254.170.2", "fd00:ec2::254"],
    "carrier-grade NAT": ["100.64.0.1", "100.127.255.255"],
    "IPv4-mapped": ["::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:169.254.169.254"],
    "IPv4-compatible": ["::127.0.0.1", "::10.0.0.1"],
    "6to4": ["2002:7f00:1::", "2002:808:808::1"],
    "Teredo": ["2001::1", "2001:0:53aa:64c::1"],
    "NAT64": ["64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1"],
    "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "benchmarks": ["198.18.0.1", "198.19.255.255", "2001:2::1"],
    "protocol assignments": ["192.0.0.1", "192.0.0.170", "2001:1::1"],
    "6to4 relays": ["192.88.99.1"],
    "reserved": ["240.0.0.1", "255.255.255.255", "100::1", "4000::1", "5f00::1"],
    "site-local": ["fec0::1"],
}
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2600::1",
    "2001:4860:4860::8888",
    "2606:4700::1111",
    "2a00:1450::1",
]


@pytest.mark.parametrize(
    "address", [pytest.param(a, id=f"{kind} {a}") for kind, many in REFUSED.items() for a in many]
)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_public(address)


def names(*addresses: str) -> Any:
    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    return getaddrinfo


def resolved(host: str, port: int = 443, *, public_only: bool = True) -> tuple[str, ...]:
    return resolve(host, port, Deadline(5), public_only=public_only)


def test_the_resolved_address_is_judged_not_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", names("169.254.169.254"))

    with pytest.raises(AddressRefused, match="address_not_public"):
        resolved("harmless.example")


@pytest.mark.parametrize("where", [0, 1, 2])
def test_one_private_address_among_public_ones_is_enough(
    monkeypatch: pytest.MonkeyPatch, where: int
) -> None:
    addresses = ["8.8.8.8", "1.1.1.1"]
    addresses.insert(where, "10.0.0.1")
    monkeypatch.setattr(socket, "getaddrinfo", names(*addresses))

    with pytest.raises(AddressRefused):
        resolved("mixed.example")


def test_all_of_public_addresses_may_be_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", names("8.8.8.8", "1.1.1.1", "8.8.8.8"))

    assert resolved("good.example") == ("8.8.8.8", "1.1.1.1")


def test_local_runs_may_send_anywhere() -> None:
    assert resolved("127.0.0.1", 80, public_only=False) == ("127.0.0.1",)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "[::1]", "::1"])
def test_no_spelling_of_loopback_gets_through(host: str) -> None:
    with pytest.raises((AddressRefused, NeverSent)):
        resolved(host)


@pytest.mark.parametrize(
    "host", ["nothing.invalid", "", "a" * 300, "ü" * 80 + ".invalid", "a\0b.invalid"]
)
def test_a_name_without_an_address_is_refused_without_naming_anything(host: str) -> None:
    with pytest.raises((AddressRefused, NeverSent)) as refused:
        resolved(host)

    assert str(refused.value) in {"name_not_resolved", "address_not_public"}


def test_a_resolver_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended = threading.Event()

    def hang(*_: Any, **__: Any) -> list[Any]:
        ended.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    began = time.monotonic()
    with pytest.raises(NeverSent, match="timed_out"):
        resolve("slow.example", 443, Deadline(0.2), public_only=True)
    took = time.monotonic() - began
    ended.set()

    assert took < 5
