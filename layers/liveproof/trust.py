"""Whom outbound TLS trusts: the public authorities that certifi lists, on every platform.

Whether SCF's Python finds a list of its own is not documented; the vendor's SDK uses certifi, too.
"""

from __future__ import annotations


def authorities() -> str:
    """The path of the list, in PEM."""
    import certifi

    return certifi.where()
