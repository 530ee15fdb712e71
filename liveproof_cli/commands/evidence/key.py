"""`liveproof evidence key`: a key that signs manifests."""

from __future__ import annotations

import base64
import secrets

from liveproof.webhooks.keys import (
    PRIVATE_KEY_PREFIX,
    PrivateKey,
    key_id,
    public_key_text,
)
from liveproof_cli import output
from liveproof_cli.command import choices, command


@command
def run() -> None:
    """Make a key that signs the manifests of decisions, with its public key.

    The key goes to the front of `evidence_keys` in the secret of the webhooks; the public key, for
    ever, to whoever must be able to verify. The key is stored nowhere. This needs no deployment.
    """
    seed = secrets.token_bytes(32)
    text = PRIVATE_KEY_PREFIX + base64.b64encode(seed).decode("ascii")
    public_key = PrivateKey(seed).public_key()
    fields = {"key": text, "public_key": public_key_text(public_key), "id": key_id(public_key)}
    if choices().as_json:
        output.print_json([fields])
    else:
        output.print_fields(list(fields.items()))
