"""API keys as the secret of API keys knows them: by their digests."""

from __future__ import annotations

import hashlib


def digest(key: str) -> str:
    """The entry of `keys_sha256` for a key: SHA-256, 64 lower-case hex digits."""
    return hashlib.sha256(key.encode()).hexdigest()
