"""Values that must not turn up in logs, records and webhooks, and the search for them."""

from __future__ import annotations

import base64
import hashlib
import socket
from collections.abc import Mapping
from typing import Any

from liveproof_emulator import testing
from tests.support.servers import http, read_request

API_KEY = "lp_canaryApiKey"
WEBHOOK_KEY = b"canaryWebhookSigningKey-32-bytes"
WEBHOOK_SECRET = "whsec_" + base64.b64encode(WEBHOOK_KEY).decode()
FILE_CANARY = "canaryFileBytes"


def canary_files() -> dict[str, bytes]:
    """The inputs of `reflect`, each with `FILE_CANARY` at its end."""
    canary = FILE_CANARY.encode()
    return {"live_data": testing.live_data() + canary, "image": testing.photo() + canary}


def declared(files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """The `inputs` of a request for these files."""
    return {
        name: {
            "md5": hashlib.md5(body, usedforsecurity=False).hexdigest(),
            "size": len(body),
            "content_type": "image/jpeg" if name == "image" else "application/octet-stream",
        }
        for name, body in files.items()
    }


class Endpoint:
    """A client's endpoint: keeps the headers (lower case) and the body of every webhook."""

    def __init__(self) -> None:
        self.webhooks: list[tuple[dict[str, str], bytes]] = []

    def take(self, connection: socket.socket) -> None:
        """Serves one connection."""
        head, _, body = read_request(connection).partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
        self.webhooks.append(({name.lower(): value for name, value in lines}, body))
        connection.sendall(http(204))


def leaks(secrets: Mapping[str, str], places: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each secret (by its name) and the place whose text holds it."""
    return [
        (what, where)
        for what, value in secrets.items()
        for where, text in places.items()
        if value in text
    ]
