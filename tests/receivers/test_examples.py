"""The receivers of examples/ get webhooks from the real sender."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from liveproof import facts
from liveproof.clock import SystemClock
from liveproof.webhooks.keys import parse_key
from liveproof.webhooks.sender import HttpWebhookSender
from liveproof.webhooks.signature import signed_headers
from tests.receivers.examples import RECEIVERS, Running, running
from tools.docs.webhook_vectors import OLD_SECRET, SECRET, Vector, vectors
from tools.processes import wait_until

SENDER = HttpWebhookSender(facts.webhook_schedule(), SystemClock(), public_only=False)
_LINE_SECONDS = 30.0


@pytest.fixture(scope="module", params=RECEIVERS)
def receiver(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    with running(request.param, SECRET, tmp_path_factory.mktemp("receiver")) as started:
        yield started


def status(receiver: Running, headers: dict[str, str], body: str) -> int | None:
    """The receiver's answer to a webhook."""
    answer = SENDER.send(receiver.url, headers, body.encode(), 60.0)
    assert answer.error is None
    return answer.status


def vector(name: str) -> Vector:
    """A vector of now."""
    (matching,) = (vector for vector in vectors(int(time.time())) if vector.name == name)
    return matching


def signed_now(message_id: str, body: str, secret: str = SECRET) -> dict[str, str]:
    return signed_headers([parse_key(secret)], message_id, int(time.time()), body.encode())


def wait_for_line(receiver: Running, line: str) -> None:
    """The receivers work after their answer."""
    deadline = time.monotonic() + _LINE_SECONDS
    while line not in receiver.printed():
        assert wait_until(deadline), receiver.printed()


def test_every_vector_is_answered_2xx_or_401(receiver: Running) -> None:
    answers = {
        vector.name: status(receiver, vector.headers, vector.body)
        for vector in vectors(int(time.time()))
    }
    assert answers == {
        vector.name: 204 if vector.accepted else 401 for vector in vectors(int(time.time()))
    }


def test_a_message_that_arrives_twice_is_worked_on_once(receiver: Running) -> None:
    body = vector("ordinary").body.replace("order-1234", "order-twice")
    # Another attempt has another time and signature, and the same id.
    for _ in range(2):
        assert status(receiver, signed_now("msg_twice_1", body), body) == 204
    last = body.replace("order-twice", "order-last")
    assert status(receiver, signed_now("msg_last_1", last), last) == 204

    wait_for_line(receiver, "verification.passed order-last")
    wait_for_line(receiver, "verification.passed order-twice")
    assert receiver.printed().count("verification.passed order-twice") == 1


def test_a_reference_beyond_ascii_arrives(receiver: Running) -> None:
    body = vector("non_ascii").body
    reference = json.loads(body)["data"]["reference"]
    assert not reference.isascii()
    assert status(receiver, signed_now("msg_reference_1", body), body) == 204
    wait_for_line(receiver, f"verification.passed {reference}")


def test_a_webhook_of_another_secret_is_refused(receiver: Running) -> None:
    body = vector("ordinary").body.replace("order-1234", "order-forged")
    assert status(receiver, signed_now("msg_forged_1", body, OLD_SECRET), body) == 401
    assert not [line for line in receiver.printed() if "forged" in line]


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_webhook_without_one_of_the_headers_is_refused(receiver: Running, name: str) -> None:
    body = vector("ordinary").body
    headers = signed_now("msg_headless_1", body)
    del headers[name]
    assert status(receiver, headers, body) == 401


@pytest.mark.parametrize("signature", ["", "v1", "v1,", "v1,?", "v1, v1", ",", "v1a v1"])
def test_a_malformed_signature_is_refused(receiver: Running, signature: str) -> None:
    body = vector("ordinary").body
    headers = {**signed_now("msg_malformed_1", body), "webhook-signature": signature}
    assert status(receiver, headers, body) == 401


def test_bytes_that_are_no_text_are_refused(receiver: Running) -> None:
    answer = SENDER.send(receiver.url, signed_now("msg_bytes_1", "{}"), b"\xff\xfe{}", 60.0)
    assert answer.status is not None
    assert 400 <= answer.status < 500


def test_a_body_without_end_is_refused_although_it_is_signed(receiver: Running) -> None:
    body = vector("ordinary").body.replace("order-1234", "x" * 17_000)
    assert status(receiver, signed_now("msg_large_1", body), body) == 413
