"""Where a webhook goes, by the URL of its endpoint. The sender's tests have the URLs it refuses."""

from __future__ import annotations

import pytest

from liveproof.webhooks.urls import parse_endpoint


@pytest.mark.parametrize(
    ("url", "tls", "port", "authority"),
    [
        ("https://host/hook", True, 443, "host"),
        ("http://host/hook", False, 80, "host"),
        ("https://host:8443/hook", True, 8443, "host:8443"),
        ("http://host:443/hook", False, 443, "host:443"),
        ("https://[2001:db8::1]/hook", True, 443, "[2001:db8::1]"),
    ],
)
def test_the_port_is_the_urls_or_its_schemes(
    url: str, tls: bool, port: int, authority: str
) -> None:
    target = parse_endpoint(url)

    assert target is not None
    assert (target.origin.tls, target.origin.port) == (tls, port)
    assert target.authority == authority
