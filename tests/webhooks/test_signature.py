"""Signatures that the standard's own library accepts, and Ed25519 beside them."""

from __future__ import annotations

import base64
import json
import time

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from liveproof.webhooks.keys import KeyInvalid, PrivateKey, SecretKey, parse_key, public_key_text
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


@pytest.mark.parametrize("size", [24, 64])
def test_a_secret_of_the_standards_shortest_and_longest_length_is_taken(size: int) -> None:
    key = bytes(range(size))

    assert parse_key("whsec_" + base64.b64encode(key).decode()) == SecretKey(key)


@pytest.mark.parametrize("text", ["***", "abc", "äöü", "a" * 33, "a" * 32 + "*", "a" * 32 + "\n"])
def test_a_secret_that_is_not_base64_is_unusable_and_not_shown(text: str) -> None:
    with pytest.raises(KeyInvalid) as unusable:
        parse_key("whsec_" + text)
    assert text not in str(unusable.value)


def private(*parts: bytes) -> str:
    return "whsk_" + base64.b64encode(b"".join(parts)).decode()


def public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


SEED = bytes(range(32))


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_an_independent_verifier_accepts_v1a(seed: bytes, body: bytes) -> None:
    key = parse_key(private(seed))
    assert isinstance(key, PrivateKey)
    version, _, value = signature_header([key], "msg_1", 1_700_000_000, body).partition(",")

    verifier = Ed25519PublicKey.from_public_bytes(key.public_key())
    assert version == "v1a"
    verifier.verify(base64.b64decode(value), b"msg_1.1700000000." + body)
    with pytest.raises(InvalidSignature):
        verifier.verify(base64.b64decode(value), b"msg_1.1700000001." + body)


def test_the_signature_is_that_of_rfc_8032() -> None:
    """Section 7.1, test 2."""
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    key = parse_key(private(seed))
    assert isinstance(key, PrivateKey)

    assert key.public_key() == bytes.fromhex(
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    )
    assert key.sign(b"\x72") == bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_a_seed_and_a_seed_with_its_public_key_are_the_same_key() -> None:
    assert parse_key(private(SEED, public(SEED))) == parse_key(private(SEED))
    assert parse_key(private(SEED)) != SecretKey(SEED)


def test_both_versions_stand_side_by_side_with_v1_last_and_one_space_between() -> None:
    texts = [SECRETS[0], private(SEED), SECRETS[1], private(SEED[::-1])]
    now = int(time.time())
    header = signature_header([parse_key(text) for text in texts], "msg_1", now, b"{}")

    assert [part.partition(",")[0] for part in header.split(" ")] == ["v1a", "v1a", "v1", "v1"]
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    signed = dict(zip(names, ("msg_1", str(now), header), strict=True))
    for secret in SECRETS[:2]:
        assert Webhook(secret).verify(b"{}", signed) == {}
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRETS[2]).verify(b"{}", signed)


def test_nothing_is_sent_unsigned() -> None:
    with pytest.raises(ValueError, match="signature"):
        signature_header([], "msg_1", 1, b"{}")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (private(b"s" * 31), "32 bytes, or 64"),
        (private(b"s" * 33), "32 bytes, or 64"),
        (private(b"s" * 63), "32 bytes, or 64"),
        (private(SEED, public(SEED[::-1])), "not its public key"),
        ("whsk_abc", "not base64 after whsk_"),
        (public_key_text(public(SEED)), "begins with whsec_ or whsk_"),
        ("", "begins with whsec_ or whsk_"),
    ],
)
def test_a_malformed_private_key_is_refused_and_not_shown(text: str, why: str) -> None:
    with pytest.raises(KeyInvalid, match=why) as invalid:
        parse_key(text)
    assert text[5:15] not in str(invalid.value) or not text[5:15]


def test_no_key_shows_itself() -> None:
    assert "\\x01" not in repr(SecretKey(SEED)) + repr(PrivateKey(SEED))
    assert repr(SEED) not in repr(SecretKey(SEED)) + repr(PrivateKey(SEED))
