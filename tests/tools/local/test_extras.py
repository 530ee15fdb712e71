"""What the console of a local cloud has beside the API."""

from __future__ import annotations

from typing import Any

from tests.tools.local.test_receiver import BODY, SECRET, signed
from tools.local.clients import LocalClient
from tools.local.extras import LocalExtras
from tools.local.receiver import Endpoint, Receiver

EMULATOR: Any = None


def test_a_webhook_is_judged_once_however_often_the_console_asks() -> None:
    """The console looks every second, and each look tried all causes on all webhooks again."""
    client = LocalClient("demo", "key", SECRET, "whsk_" + SECRET.removeprefix("whsec_"))
    receiver = Receiver({client.path: Endpoint(SECRET)})
    extras = LocalExtras("aws", (client,), receiver, EMULATOR, "http://127.0.0.1:1")
    receiver.receive(client.path, signed(), BODY.encode())
    (first,) = extras.webhooks()
    receiver.receive(client.path, signed(age=3600), BODY.encode())
    again, second = extras.webhooks()

    assert again is first
    assert (first["causes"], first["versions"]) == ([], ["v1"])
    assert [cause["code"] for cause in second["causes"]] == ["clock"]
