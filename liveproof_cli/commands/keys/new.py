"""`liveproof keys new`: an API key."""

from __future__ import annotations

import secrets

from liveproof_cli import output
from liveproof_cli.api_keys import digest
from liveproof_cli.command import choices, command

_BYTES = 32


@command
def run() -> None:
    """Make an API key for a client, with its digest.

    The client gets the key, on a safe way. The digest goes into `keys_sha256` of the client in the
    secret of API keys. The key is stored nowhere.
    """
    key = f"lp_{secrets.token_urlsafe(_BYTES)}"
    if choices().as_json:
        output.print_json([{"key": key, "sha256": digest(key)}])
    else:
        output.print_fields([("key", key), ("sha256", digest(key))])
