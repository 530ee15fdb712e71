"""A webhook as liveproof sends it, signed by the standard's own library."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks import Webhook

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
OTHER_SECRET = "whsec_" + base64.b64encode(b"o" * 32).decode()
SEED = b"s" * 32
PRIVATE = Ed25519PrivateKey.from_private_bytes(SEED)
PRIVATE_KEY = "whsk_" + base64.b64encode(SEED).decode()
PUBLIC_BYTES = PRIVATE.public_key().public_bytes_raw()
PUBLIC_KEY = "whpk_" + base64.b64encode(PUBLIC_BYTES).decode()
ID = "msg_01m7xfb0wwp2wq86ha0y95nr40_1"
NOW = 1_795_167_000

DOCUMENT: dict[str, Any] = {
    "type": "verification.passed",
    "timestamp": "2026-11-20T09:30:00.000Z",
    "data": {
        "id": "ver_01m7xfb0wwp2wq86ha0y95nr40",
        "reference": "Bestellung für Zoë",
        "check": "reflect",
        "region": "ap-singapore",
        "decision": "passed",
        "reason": {"code": "passed", "message": "The person is live.", "vendor_code": "Success"},
        "scores": {"similarity": 98},
        "decided_at": "2026-11-20T09:30:00.000Z",
        "sequence": 1,
        "metadata": {"b": "2", "a": "1"},
    },
}
BODY = json.dumps(DOCUMENT, separators=(",", ":")).encode()


def signed(
    body: bytes = BODY, *, secret: str = SECRET, identifier: str = ID, at: int = NOW
) -> dict[str, str]:
    """The headers, with `v1` alone."""
    moment = datetime.fromtimestamp(at, tz=timezone.utc)
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(at),
        "webhook-signature": Webhook(secret).sign(identifier, moment, body.decode()),
    }


def signed_twice(body: bytes = BODY, *, at: int = NOW) -> dict[str, str]:
    """The headers, with `v1a` before `v1`."""
    headers = signed(body, at=at)
    return {**headers, "webhook-signature": f"{v1a(body, at)} {headers['webhook-signature']}"}


def v1a(body: bytes = BODY, at: int = NOW) -> str:
    """An entry of version v1a."""
    signature = PRIVATE.sign(f"{ID}.{at}.".encode() + body)
    return "v1a," + base64.b64encode(signature).decode()
