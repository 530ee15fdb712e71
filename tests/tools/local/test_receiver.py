"""The local webhook receiver, and the server that receives for it."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from standardwebhooks import Webhook

from tests.support import signing
from tests.support.servers import closed_port
from tests.support.upstream import post as post_to
from tests.support.upstream import upstream
from tools import http_client
from tools.local.receiver import Endpoint, Receiver
from tools.local.server import serving
from tools.webhooks.forwarding import require_target

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
PATH = "/webhooks"
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
    return Receiver({PATH: Endpoint(SECRET)})


def test_a_webhook_signed_with_the_endpoints_secret_is_verified(receiver: Receiver) -> None:
    assert receiver.receive(PATH, signed(), BODY.encode()).status == 204
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
    assert receiver.receive(PATH, headers, body.encode()).status == 401
    (received,) = receiver.received()
    assert not received.verified
    assert received.body == body


def test_waiting_ends_when_the_webhook_arrives(receiver: Receiver) -> None:
    arrival = threading.Timer(0.05, receiver.receive, (PATH, signed(), BODY.encode()))
    arrival.start()
    webhook = receiver.wait_for("ver_1", time.monotonic() + 30)
    arrival.join()
    assert webhook is not None
    assert webhook.verified


def test_waiting_for_another_verification_ends_at_the_deadline(receiver: Receiver) -> None:
    receiver.receive(PATH, signed(), BODY.encode())
    assert receiver.wait_for("ver_2", time.monotonic() + 0.05) is None


@pytest.fixture
def address(receiver: Receiver) -> Iterator[str]:
    with serving(receiver) as url:
        yield url


def post(address: str, headers: dict[str, str], body: bytes) -> http_client.Response:
    length = {"Content-Length": str(len(body))}
    return http_client.request("POST", f"{address}/webhooks", headers | length, body, timeout=10)


def test_a_posted_webhook_is_listed_with_headers_body_and_judgement(address: str) -> None:
    assert post(address, signed(), BODY.encode()).status == 204
    assert post(address, {}, b"{}").status == 401
    listed = json.loads(http_client.request("GET", f"{address}/webhooks", timeout=10).body)
    assert [(webhook["verified"], webhook["body"]) for webhook in listed] == [
        (True, BODY),
        (False, "{}"),
    ]
    assert listed[0]["headers"]["webhook-id"] == "msg_1"


def test_a_version_v1a_is_asked_for_where_there_is_a_public_key() -> None:
    at = int(time.time())
    receiver = Receiver({PATH: Endpoint(signing.SECRET, signing.PUBLIC_KEY)})
    both, v1_only = signing.signed_twice(at=at), signing.signed(at=at)
    broken = {**both, "webhook-signature": f"v1a,AAAA {v1_only['webhook-signature']}"}
    statuses = [
        receiver.receive(PATH, client, signing.BODY).status for client in (both, v1_only, broken)
    ]
    assert statuses == [204, 401, 401]


def test_a_webhook_is_handed_on_listed_and_answered_as_the_user_s_receiver_answers() -> None:
    said: list[str] = []
    with upstream(429) as (target, own):
        endpoints = {
            PATH: Endpoint(SECRET, target=require_target(target)),
            "/webhooks/b": Endpoint(SECRET),
        }
        receiver = Receiver(endpoints, said.append)
        with serving(receiver) as url:
            headers = signed()
            status, text, answered = post_to(url, headers, BODY.encode(), PATH)
            assert (status, text, answered["retry-after"]) == (429, b"thanks", "1")
            assert post_to(url, headers, BODY.encode(), "/webhooks/b")[0] == 204
    ((_, arrived, body),) = own.requests
    assert body == BODY.encode()
    assert set(headers.items()) <= set(arrived)
    assert [webhook.verified for webhook in receiver.received()] == [True, True]
    (line,) = said
    assert line.startswith("webhook 'msg_1' to 127.0.0.1:")
    assert ": 429, " in line


def test_a_user_s_receiver_that_is_not_there_yet_is_a_503_that_says_so() -> None:
    target = require_target(f"http://127.0.0.1:{closed_port()}/hook")
    receiver = Receiver({PATH: Endpoint(SECRET, target=target)})
    answer = receiver.receive(PATH, signed(), BODY.encode())
    assert (answer.status, answer.error) == (503, "not_connected")
    assert [webhook.verified for webhook in receiver.received()] == [True]


def test_a_body_beyond_64_kb_is_not_read(address: str) -> None:
    refused = http_client.request(
        "POST", f"{address}/webhooks", {"Content-Length": str(10**9)}, timeout=10
    )
    assert refused.status == 413


def test_an_unknown_path_is_not_found(address: str) -> None:
    assert http_client.request("GET", f"{address}/webhooks/x", timeout=10).status == 404
