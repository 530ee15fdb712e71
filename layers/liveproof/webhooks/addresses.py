"""Which addresses a webhook may be sent to: public ones, judged after the name is resolved."""

from __future__ import annotations

import ipaddress
import socket
from functools import cache
from typing import NamedTuple

from liveproof import facts


class _Networks(NamedTuple):
    ipv4_refused: tuple[ipaddress.IPv4Network, ...]
    ipv6_allowed: ipaddress.IPv6Network
    ipv6_refused: tuple[ipaddress.IPv6Network, ...]


@cache
def _networks() -> _Networks:
    known = facts.refused_addresses()
    return _Networks(
        tuple(ipaddress.IPv4Network(network) for network in known.ipv4_refused),
        ipaddress.IPv6Network(known.ipv6_allowed),
        tuple(ipaddress.IPv6Network(network) for network in known.ipv6_refused),
    )


class AddressRefused(Exception):
    """The endpoint's name does not resolve, or resolves to an address that is not public."""


def is_public(address: str) -> bool:
    """Whether an IP address is reachable on the internet and nothing else.

    By `data/refused_addresses.json`, not by `ipaddress.is_global`: its answers differ between
    Python's releases, and it takes site-local and IPv4-compatible addresses for global.

    Raises:
        ValueError: `address` is no IP address.
    """
    ip = ipaddress.ip_address(address)
    known = _networks()
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in known.ipv4_refused)
    return ip in known.ipv6_allowed and not any(ip in network for network in known.ipv6_refused)


def resolve(host: str, port: int, *, public_only: bool) -> str:
    """The address to connect to. Every address that the name has must be allowed.

    Raises:
        AddressRefused: with the reason; the text names no address.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused("name_not_resolved") from None
    addresses = [str(entry[4][0]) for entry in found]
    if public_only and not all(is_public(address) for address in addresses):
        raise AddressRefused("address_not_public")
    return addresses[0]
