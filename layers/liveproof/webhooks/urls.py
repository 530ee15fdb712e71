"""The URLs of webhook endpoints, taken apart for sending."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import quote, urlsplit

from liveproof.outbound.urls import Origin, Target

_PATH = "/%:@!$&'()*+,;=~"
_QUERY = _PATH + "?"
"""RFC 3986: what a path and a query may hold as it is."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")
"""What DNS names are made of; a last dot says that the name is whole."""


def parse_endpoint(url: str) -> Target | None:
    """Where a webhook for `url` goes; None for another scheme than http and https.

    More is taken than in URLs that a stranger wrote: names and paths in any script, a user (who is
    not sent), a fragment. The request is built from these parts, and the host of it is looked up
    and judged.

    Raises:
        ValueError: it is no URL that could be sent to.
    """
    if _CONTROL.search(url):
        raise ValueError("a control character")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return None
    host = _host(parts.hostname or "")
    if "\\" in parts.netloc or ("[" in parts.netloc) != (":" in host):
        raise ValueError("a backslash, or brackets around what is no address")
    tls = parts.scheme == "https"
    port = parts.port
    if port == 0:
        raise ValueError("no such port")
    authority = f"[{host}]" if ":" in host else host
    if port is not None:
        authority = f"{authority}:{port}"
    path = quote(parts.path or "/", safe=_PATH)
    if parts.query:
        path = f"{path}?{quote(parts.query, safe=_QUERY)}"
    return Target(Origin(tls, host, port or (443 if tls else 80)), authority, path)


def _host(host: str) -> str:
    """A name in ASCII, or an address. Raises ValueError."""
    if "%" in host:
        raise ValueError("a zone, which is of one machine alone")
    if ":" in host:
        return str(ipaddress.IPv6Address(host))
    name = host.encode("idna").decode("ascii")
    if not _NAME.fullmatch(name):
        raise ValueError("no host")
    return name
