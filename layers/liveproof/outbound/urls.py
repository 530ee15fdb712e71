"""URLs taken apart for sending: what is judged is what is sent.

A URL that somebody else wrote is judged before it is used. Parsers disagree about odd ones: some
end the host at a backslash, some drop line breaks. So `target_of` takes only what RFC 3986 leaves
no room for, and the request is built from the parts that it gives.
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


def target_of(url: str) -> Target:
    """The parts of an absolute http or https URL.

    The host is a name or an IPv4 address. There is no user, no fragment, and no character but those
    that RFC 3986 allows as they are.

    Raises:
        ValueError: it is no such URL; the text does not show it.
    """
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError("not a plain http or https URL")
    scheme = found["scheme"]
    port = int(found["port"] or _DEFAULT_PORTS[scheme])
    if not 0 < port < 65536:
        raise ValueError("no such port")
    origin = Origin(scheme == "https", found["host"].lower(), port)
    return Target(origin, found["authority"], (found["path"] or "/") + found["query"])
