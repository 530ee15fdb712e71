"""URLs taken apart for sending: what is judged is what is sent.

Foreign URLs are checked before they are used. Parsers disagree about odd URLs: some end the host at
a backslash, some drop line breaks. So `parse_target` accepts only URLs that every parser reads in
the same way (a strict part of RFC 3986), and the request is built from the parts that it returns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_DEFAULT_PORTS = {"http": 80, "https": 443}
_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<authority>(?P<host>[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)(:(?P<port>[0-9]{1,5}))?)"
    r"(?P<path>(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?)"
    r"(?P<query>(\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)"
)


@dataclass(frozen=True)
class Origin:
    """A server: whether it speaks TLS, its name or address, and its port."""

    tls: bool
    host: str
    port: int


@dataclass(frozen=True)
class Target:
    """Where a request goes.

    Attributes:
        authority: the Host header.
        path: path and query, as they are sent. They may grant access, so `repr` has none.
    """

    origin: Origin
    authority: str
    path: str

    def __repr__(self) -> str:
        return f"Target({self.origin!r}, ...)"


def parse_target(url: str) -> Target:
    """The parts of an absolute http or https URL.

    The host is a name or an IPv4 address. There is no user, no fragment, and no character but those
    that RFC 3986 allows as they are.

    Raises:
        ValueError: it is no such URL; the text does not show it.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError("not a plain http or https URL")
    scheme = match["scheme"]
    port = int(match["port"] or _DEFAULT_PORTS[scheme])
    if not 0 < port < 65536:
        raise ValueError("no such port")
    origin = Origin(scheme == "https", match["host"].lower(), port)
    return Target(origin, match["authority"], (match["path"] or "/") + match["query"])
