"""Signatures of Standard Webhooks 1.0.0 over `id.timestamp.body`: `v1a` and `v1` side by side."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from liveproof.webhooks.keys import SecretKey, SigningKey


def signature_header(
    keys: Sequence[SigningKey], message_id: str, timestamp: int, body: bytes
) -> str:
    """The `webhook-signature` header: a signature per key, with one space between.

    Those of version `v1` are last, because one of the official libraries looks at the end of the
    header only, and knows no other version. Several official ones fail at an empty part.

    Args:
        keys: the endpoint's signing keys, the current one first; several while one is replaced.
        message_id: the `webhook-id`.
        timestamp: the `webhook-timestamp`, whole seconds since 1970.
        body: the exact bytes that are sent.

    Raises:
        ValueError: there is no key, and nothing is sent unsigned.
    """
    if not keys:
        raise ValueError("a webhook needs a signature")
    signed = f"{message_id}.{timestamp}.".encode("ascii") + body
    return " ".join(
        f"{key.version},{base64.b64encode(key.sign(signed)).decode('ascii')}"
        for key in sorted(keys, key=lambda key: key.version == SecretKey.version)
    )


def signed_headers(
    keys: Sequence[SigningKey], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The three headers of Standard Webhooks. Arguments and errors as of `signature_header`."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature_header(keys, message_id, timestamp, body),
    }
