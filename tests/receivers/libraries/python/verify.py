"""Judges webhooks; tests/receivers/verifiers.py has the form of a line.

`v1` by the standard's official library, `v1a` by PyNaCl (libsodium).
"""

from __future__ import annotations

import base64
import datetime
import sys
import time
from unittest import mock

import standardwebhooks.webhooks
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from standardwebhooks import Webhook, WebhookVerificationError

TOLERANCE_SECONDS = 300
UTC = datetime.timezone.utc


def verify_with_public_key(
    key: str, message_id: str, timestamp: str, signatures: str, body: bytes, now: float
) -> bool:
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    public = VerifyKey(base64.b64decode(key.removeprefix("whpk_"), validate=True))
    signed = f"{message_id}.{timestamp}.".encode() + body
    for entry in signatures.split(" "):
        version, _, value = entry.partition(",")
        if version == "v1a":
            try:
                public.verify(signed, base64.b64decode(value, validate=True))
            except (BadSignatureError, ValueError):
                continue
            return True
    return False


def judge(line: str) -> str:
    key, message_id, timestamp, signature, encoded, at = line.rstrip("\n").split("\t")
    body = base64.b64decode(encoded, validate=True)
    now = float(at) if at else time.time()
    if key.startswith("whpk_"):
        valid = verify_with_public_key(key, message_id, timestamp, signature, body, now)
        return "accepted\t" if valid else "refused\t"
    webhook = Webhook(key)
    own = webhook.sign(
        message_id, datetime.datetime.fromtimestamp(int(timestamp), UTC), body.decode()
    )
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature,
    }
    with mock.patch.object(standardwebhooks.webhooks, "datetime", wraps=datetime.datetime) as clock:
        clock.now.return_value = datetime.datetime.fromtimestamp(now, UTC)
        try:
            webhook.verify(body, headers)
        except WebhookVerificationError:
            return f"refused\t{own}"
    return f"accepted\t{own}"


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(judge(line) + "\n")
