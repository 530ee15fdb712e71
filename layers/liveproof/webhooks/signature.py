"""Signatures of Standard Webhooks 1.0.0, version `v1`: HMAC-SHA256 over `id.timestamp.body`."""

from __future__ import annotations

import base64
import hashlib
import hmac


def signature_header(keys: tuple[bytes, ...], message_id: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` header: one signature per key, the current key first.

    Args:
        keys: the endpoint's signing keys; several while a key is being replaced.
        message_id: the `webhook-id`.
        timestamp: the `webhook-timestamp`, whole seconds since 1970.
        body: the exact bytes that are sent.
    """
    signed = f"{message_id}.{timestamp}.".encode("ascii") + body
    return " ".join(
        "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")
        for key in keys
    )


def signed_headers(
    keys: tuple[bytes, ...], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The three headers of Standard Webhooks. Arguments as of `signature_header`."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature_header(keys, message_id, timestamp, body),
    }
