"""Whom outbound TLS trusts."""

from __future__ import annotations

import ssl
from pathlib import Path

import certifi

from liveproof.outbound.ca_certificates import ca_bundle_path


def test_the_bundle_is_certifis_and_holds_authorities() -> None:
    context = ssl.create_default_context(cafile=ca_bundle_path())

    assert Path(ca_bundle_path()) == Path(certifi.where())
    assert len(context.get_ca_certs()) > 50
