"""The certificate authorities that outbound TLS trusts: those that certifi lists, on each platform.

Whether SCF's Python finds a list of its own is not documented. The vendor's SDK uses certifi, too.
"""

from __future__ import annotations


def ca_bundle_path() -> str:
    """The path of the authorities' certificates, in PEM."""
    import certifi

    return certifi.where()
