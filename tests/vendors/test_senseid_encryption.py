"""SenseID's files: what goes over the wire is what its own sample makes."""

from __future__ import annotations

import base64
import json
import os
from urllib.parse import parse_qsl, quote_plus, urlencode

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from liveproof.files.inline import PIECE_BYTES
from liveproof.ports import SecretUnusable
from liveproof.vendors.senseid.api import SenseId
from liveproof.vendors.senseid.encryption import append_encrypted
from tests.support.memory import MemorySecrets
from tests.support.memory_bucket import MemoryStream

# The product's published defaults.
KEY, IV = "dcbbad6765e14139a07d34b92292a672", "df25d188a061"


class StingyStream(MemoryStream):
    """Returns fewer bytes than requested, as a socket may."""

    def read(self, amount: int = -1) -> bytes:
        return super().read(amount if amount < 0 else max(1, amount // 3))


def encrypted(body: bytes, *, stingy: bool = False) -> str:
    form = bytearray(b"file=")
    stream = (StingyStream if stingy else MemoryStream)(body)
    append_encrypted(form, stream, KEY.encode(), IV.encode())
    ((name, text),) = parse_qsl(form.decode("ascii"), strict_parsing=True)
    assert name == "file"
    return text


def senseid(**changes: str) -> SenseId:
    secret = json.dumps({"key": KEY, "iv": IV, **changes}).encode()
    return SenseId("http://senseid.invalid", MemorySecrets({"senseid-key": secret}), "senseid-key")


def test_the_check_vector_with_the_published_key_and_iv() -> None:
    assert encrypted(b"hello") == "7EWZ/NONkYfOjH/m+K3KKsDO4CZ/"


@pytest.mark.parametrize("pieces", [0, 1, 2, 3])
@pytest.mark.parametrize("more", [-2, -1, 0, 1, 2, 3])
@pytest.mark.parametrize("stingy", [False, True])
def test_every_size_around_the_pieces_borders_decrypts_to_itself(
    pieces: int, more: int, stingy: bool
) -> None:
    body = os.urandom(max(0, pieces * PIECE_BYTES + more))
    sealed = base64.b64decode(encrypted(body, stingy=stingy), validate=True)

    assert AESGCM(KEY.encode()).decrypt(IV.encode(), sealed, None) == body


def test_a_piece_is_in_the_form_before_the_next_one_is_read() -> None:
    """Else a function would hold the whole file beside its form."""
    form = bytearray()
    lengths: list[int] = []

    class Watched(MemoryStream):
        def read(self, amount: int = -1) -> bytes:
            lengths.append(len(form))
            return super().read(amount)

    append_encrypted(form, Watched(bytes(3 * PIECE_BYTES)), KEY.encode(), IV.encode())

    pieces = [length for length in lengths if length > 0]
    assert len(set(pieces)) == 3
    assert min(pieces) >= PIECE_BYTES


@given(st.binary(max_size=5000))
def test_pieces_make_what_one_shot_makes(body: bytes) -> None:
    sealed = AESGCM(KEY.encode()).encrypt(IV.encode(), body, None)

    assert encrypted(body) == base64.b64encode(sealed).decode()


@pytest.mark.parametrize("size", [0, 1, 1000, PIECE_BYTES + 1])
def test_a_form_is_byte_for_byte_what_a_form_encoder_makes(size: int) -> None:
    video, image = os.urandom(size), os.urandom(333)
    plain = {"return_status": "true", "note": "a b+c/d=e&f\u00e9"}
    files = {"encrypted_video": video, "encrypted_image": image}
    streams = {name: MemoryStream(body) for name, body in files.items()}

    form = senseid().form(streams, plain)

    cipher = AESGCM(KEY.encode())
    expected = {
        name: base64.b64encode(cipher.encrypt(IV.encode(), body, None)).decode()
        for name, body in files.items()
    }
    assert bytes(form) == urlencode({**expected, **plain}, quote_via=quote_plus).encode("ascii")


@pytest.mark.parametrize(
    "change",
    [
        {"key": KEY[:-1]},
        {"key": KEY + "0"},
        {"key": "\u00e9" * 32},
        {"key": " " * 32},
        {"iv": IV[:-1]},
        {"iv": IV + "\n"},
        {"iv": ""},
    ],
)
def test_a_malformed_key_is_reported_without_its_value(change: dict[str, str]) -> None:
    with pytest.raises(SecretUnusable) as unusable:
        senseid(**change).form({}, {})

    assert "senseid-key" in str(unusable.value)
    for value in (KEY, IV, *change.values()):
        assert not value or value not in str(unusable.value)
