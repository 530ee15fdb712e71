"""The keys that a webhook is verified with: secrets (`whsec_`), public keys (`whpk_`), seeds.

Written apart from the signer (`liveproof.webhooks.signature`), as a consumer's code is, so that an
error there is not an error here as well.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

SECRET, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
"""The prefixes of Standard Webhooks 1.0.0."""

_SECRET_BYTES = range(24, 65)
_PUBLIC_BYTES, _SEED_BYTES, _SEED_AND_PUBLIC_BYTES = 32, 32, 64


class KeyUnusable(ValueError):
    """The text is no key. The message says why, and never shows the text."""


class Key(Protocol):
    """Verifies the signatures of one version."""

    @property
    def version(self) -> str:
        """`v1` or `v1a`."""

    def has_signed(self, content: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's, of `content` (`id.timestamp.body`)."""


@dataclass(frozen=True, repr=False)
class HmacKey:
    """A secret: HMAC-SHA256."""

    key: bytes
    version: str = "v1"

    def has_signed(self, content: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(hmac.digest(self.key, content, hashlib.sha256), signature)


@dataclass(frozen=True, repr=False)
class PublicKey:
    """A public key: Ed25519."""

    key: Ed25519PublicKey
    version: str = "v1a"

    def has_signed(self, content: bytes, signature: bytes) -> bool:
        try:
            self.key.verify(signature, content)
        except InvalidSignature:
            return False
        return True


def parse_key(text: str) -> Key:
    """The key in `text`; without a prefix it is a secret, as the standard's libraries take it.

    Raises:
        KeyUnusable: it is none.
    """
    text = text.strip()
    if text.startswith(PUBLIC):
        key = _decode(text, PUBLIC)
        if len(key) != _PUBLIC_BYTES:
            raise KeyUnusable(f"a key {PUBLIC} has {_PUBLIC_BYTES} bytes, this one {len(key)}")
        return PublicKey(Ed25519PublicKey.from_public_bytes(key))
    if text.startswith(PRIVATE):
        key = _decode(text, PRIVATE)
        if len(key) not in (_SEED_BYTES, _SEED_AND_PUBLIC_BYTES):
            raise KeyUnusable(
                f"a key {PRIVATE} has {_SEED_BYTES} or {_SEED_AND_PUBLIC_BYTES} bytes, this one"
                f" {len(key)}"
            )
        return PublicKey(Ed25519PrivateKey.from_private_bytes(key[:_SEED_BYTES]).public_key())
    key = _decode(text, SECRET)
    if len(key) not in _SECRET_BYTES:
        raise KeyUnusable(f"a secret has 24 to 64 bytes, this one {len(key)}")
    return HmacKey(key)


def misread_keys(text: str) -> Iterator[tuple[str, Key]]:
    """What careless code makes of a secret's text: the mistake's code, and the key."""
    text = text.strip()
    bare = text.removeprefix(SECRET)
    if text.startswith((PUBLIC, PRIVATE)):
        return
    yield "secret_as_text", HmacKey(text.encode())
    if bare != text:
        yield "secret_as_text", HmacKey(bare.encode())
    try:
        key = base64.b64decode(bare, validate=True)
    except ValueError:
        return
    if len(key) == _PUBLIC_BYTES:
        yield "public_key_as_secret", PublicKey(Ed25519PublicKey.from_public_bytes(key))


def _decode(text: str, prefix: str) -> bytes:
    encoded = text.removeprefix(prefix)
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        why = " (it has - or _: that is the URL's alphabet)" if set("-_") & set(encoded) else ""
        raise KeyUnusable(f"no base64 after {prefix}{why}") from None
