"""The certificates that every client of a process trusts, read once: reading takes 50 ms."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def context() -> ssl.SSLContext:
    """As httpx makes it: SSL_CERT_FILE and SSL_CERT_DIR, else certifi's."""
    return httpx.create_ssl_context()
