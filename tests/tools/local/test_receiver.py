"""The local webhook receiver, and the server that it is behind."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook

from tools import client
from tools.local.receiver import Receiver
from tools.local.server import serving

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
BODY = json.dumps({"type": "verification.passed", "data": {"id": "ver_1"}}, separators=(",", ":"))


def signed(body: str = BODY, age: float = 0.0, secret: str = SECRET) -> dict[str, str]:
    at = datetime.now(timezone.utc) - timedelta(seconds=age)
    signature = Webhook(secret).sign("msg_1", at, body)
    return {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": signature,
    }


@pytest.fixture
def receiver() -> Receiver:
    return Receiver(SECRET)


def test_a_webhook_signed_with_the_endpoints_secret_is_verified(receiver: Receiver) -> None:
    assert receiver.receive(signed(), BODY.encode())
    (received,) = receiver.received()
    assert received.verified
    assert received.verification_id() == "ver_1"


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (signed(), BODY.replace("passed", "failed")),
        (signed(secret="whsec_" + base64.b64encode(b"o" * 32).decode()), BODY),
        (signed(age=3600), BODY),
        ({}, BODY),
        (signed("not JSON"), "not JSON"),
    ],
    ids=["changed body", "other secret", "an hour old", "no headers", "no JSON"],
)
def test_a_webhook_that_is_not_right_is_kept_but_not_verified(
    receiver: Receiver, headers: dict[str, str], body: str
) -> None:
    assert not receiver.receive(headers, body.encode())
    (received,) = receiver.received()
    assert not received.verified
    assert received.body == body


def test_waiting_ends_when_the_webhook_arrives(receiver: Receiver) -> None:
    arrival = threading.Timer(0.05, receiver.receive, (signed(), BODY.encode()))
    arrival.start()
    found = receiver.wait_for("ver_1", time.monotonic() + 30)
    arrival.join()
    assert found is not None
    assert found.verified


def test_waiting_for_another_verification_ends_at_the_deadline(receiver: Receiver) -> None:
    receiver.receive(signed(), BODY.encode())
    assert receiver.wait_for("ver_2", time.monotonic() + 0.05) is None


@pytest.fixture
def address(receiver: Receiver) -> Iterator[str]:
    with serving(receiver, lambda: {"verifications": [], "calls": []}) as url:
        yield url


def post(address: str, headers: dict[str, str], body: bytes) -> client.Response:
    length = {"Content-Length": str(len(body))}
    return client.request("POST", f"{address}/webhooks", headers | length, body, timeout=10)


def test_what_was_posted_is_listed_with_headers_body_and_judgement(address: str) -> None:
    assert post(address, signed(), BODY.encode()).status == 204
    assert post(address, {}, b"{}").status == 401
    listed = json.loads(client.request("GET", f"{address}/webhooks", timeout=10).body)
    assert [(each["verified"], each["body"]) for each in listed] == [(True, BODY), (False, "{}")]
    assert listed[0]["headers"]["webhook-id"] == "msg_1"


def test_a_body_beyond_64_kb_is_not_read(address: str) -> None:
    refused = client.request(
        "POST", f"{address}/webhooks", {"Content-Length": str(10**9)}, timeout=10
    )
    assert refused.status == 413


def test_the_console_is_one_page_that_loads_nothing_from_elsewhere(address: str) -> None:
    page = client.request("GET", f"{address}/", timeout=10)
    assert page.status == 200
    assert b"/state" in page.body
    assert b"://" not in page.body


def test_an_unknown_path_is_not_found(address: str) -> None:
    assert client.request("GET", f"{address}/webhooks/x", timeout=10).status == 404
