"""Which addresses a webhook may be sent to: public ones, judged after the name is resolved."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import NamedTuple

from liveproof import facts
from liveproof.outbound.deadline import Deadline
from liveproof.outbound.names import look_up


class _Networks(NamedTuple):
    ipv4_refused: tuple[ipaddress.IPv4Network, ...]
    ipv6_allowed: ipaddress.IPv6Network
    ipv6_refused: tuple[ipaddress.IPv6Network, ...]


@cache
def _networks() -> _Networks:
    refused = facts.refused_addresses()
    return _Networks(
        tuple(ipaddress.IPv4Network(network) for network in refused.ipv4_refused),
        ipaddress.IPv6Network(refused.ipv6_allowed),
        tuple(ipaddress.IPv6Network(network) for network in refused.ipv6_refused),
    )


class AddressRefused(Exception):
    """The endpoint's name resolves to an address that is not public."""


def is_public(address: str) -> bool:
    """Whether an IP address is reachable on the internet and nothing else.

    By `data/refused_addresses.json`, not by `ipaddress.is_global`: its answers differ between
    Python's releases, and it takes site-local and IPv4-compatible addresses for global.

    Raises:
        ValueError: `address` is no IP address.
    """
    ip = ipaddress.ip_address(address)
    networks = _networks()
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in networks.ipv4_refused)
    return ip in networks.ipv6_allowed and not any(
        ip in network for network in networks.ipv6_refused
    )


def resolve(host: str, port: int, deadline: Deadline, *, public_only: bool) -> tuple[str, ...]:
    """The addresses to connect to. One that is not allowed refuses them all.

    Raises:
        AddressRefused: an address is not public; the text names none.
        NeverSent: there is none, or the resolver did not answer in time.
    """
    addresses = look_up(host, port, deadline)
    if public_only and not all(is_public(address) for address in addresses):
        raise AddressRefused("address_not_public")
    return addresses
