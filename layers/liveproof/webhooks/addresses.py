"""Which addresses a webhook may be sent to: public ones, judged after the name is resolved."""

from __future__ import annotations

import ipaddress
import socket

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""RFC 6052: carries any IPv4 address, so a private one could hide in it."""


class AddressRefused(Exception):
    """The endpoint's name does not resolve, or resolves to an address that is not public."""


def is_public(address: str) -> bool:
    """Whether an IP address is reachable on the internet and nothing else.

    `ipaddress.is_global` follows the IANA special-purpose registries; multicast, IPv4 inside IPv6
    and NAT64 are refused on top.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = ip.ipv4_mapped or ip.sixtofour
        if embedded is not None or ip.teredo is not None or ip in _NAT64:
            return False
    return ip.is_global and not ip.is_multicast


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
