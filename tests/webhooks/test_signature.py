"""Signatures that the standard's own library accepts."""

from __future__ import annotations

import base64
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from liveproof.webhooks.keys import KeyInvalid, SecretKey, parse_key
from liveproof.webhooks.signature import signature_header

KEYS = tuple(bytes([n]) * 32 for n in range(1, 4))
SECRETS = ["whsec_" + base64.b64encode(key).decode() for key in KEYS]


def headers(secrets: tuple[bytes, ...], body: bytes, at: int) -> dict[str, str]:
    keys = [SecretKey(secret) for secret in secrets]
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": signature_header(keys, "msg_1", at, body),
    }


@given(st.binary(min_size=24, max_size=64), st.dictionaries(st.text(), st.text(), max_size=3))
def test_the_standards_library_accepts_it(key: bytes, document: dict[str, str]) -> None:
    body = json.dumps(document).encode()
    secret = "whsec_" + base64.b64encode(key).decode()

    verified = Webhook(secret).verify(body, headers((key,), body, int(time.time())))

    assert verified == document


@pytest.mark.parametrize("secret", SECRETS)
def test_during_a_rotation_every_secret_verifies(secret: str) -> None:
    signed = headers(KEYS, b"{}", int(time.time()))

    assert len(signed["webhook-signature"].split(" ")) == 3
    assert Webhook(secret).verify(b"{}", signed) == {}


def test_another_body_id_time_or_secret_does_not_verify() -> None:
    now = int(time.time())
    good = headers(KEYS[:1], b"{}", now)
    hook = Webhook(SECRETS[0])
    hook.verify(b"{}", good)

    for body, changed in (
        (b"[]", good),
        (b"{}", {**good, "webhook-id": "msg_2"}),
        (b"{}", {**good, "webhook-timestamp": str(now + 1)}),
        (b"{}", headers(KEYS[1:], b"{}", now)),
    ):
        with pytest.raises(WebhookVerificationError):
            hook.verify(body, changed)


@pytest.mark.parametrize("size", [0, 1, 23, 65, 100])
def test_a_secret_of_the_wrong_length_is_unusable_and_not_shown(size: int) -> None:
    text = base64.b64encode(b"k" * size).decode()

    with pytest.raises(KeyInvalid) as unusable:
        parse_key("whsec_" + text)
    assert not text or text not in str(unusable.value)


@pytest.mark.parametrize("text", ["***", "abc", "äöü", "a" * 33])
def test_a_secret_that_is_not_base64_is_unusable_and_not_shown(text: str) -> None:
    with pytest.raises(KeyInvalid) as unusable:
        parse_key("whsec_" + text)
    assert text not in str(unusable.value)
