"""The keys that sign webhooks, by Standard Webhooks 1.0.0: HMAC for `v1`, Ed25519 for `v1a`."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECRET_KEY_PREFIX, PRIVATE_KEY_PREFIX, PUBLIC_KEY_PREFIX = "whsec_", "whsk_", "whpk_"

_SECRET_KEY_BYTES = range(24, 65)
"""Standard Webhooks 1.0.0."""

_SEED_BYTES = 32
"""RFC 8032: a private key is 32 bytes, and so is a public one. Some write both after `whsk_`."""


class KeyInvalid(ValueError):
    """A text is no signing key; the message shows nothing of it."""


class SigningKey(Protocol):
    """A key of one signature scheme."""

    @property
    def version(self) -> str:
        """What stands before the signature: `v1` or `v1a`."""

    def sign(self, content: bytes) -> bytes:
        """The signature of `content`."""


class AsymmetricKey(SigningKey, Protocol):
    """A key of version `v1a`: whoever has its public key can verify, and not sign."""

    def public_key(self) -> bytes:
        """The 32 bytes that verify what this key signs."""


@dataclass(frozen=True)
class SecretKey:
    """A secret that the endpoint knows as well: `whsec_` and base64 of 24 to 64 bytes."""

    version: ClassVar[str] = "v1"
    key: bytes = field(repr=False)

    def sign(self, content: bytes) -> bytes:
        return hmac.new(self.key, content, hashlib.sha256).digest()


@dataclass(frozen=True)
class PrivateKey:
    """An Ed25519 key: `whsk_` and base64 of the seed, or of the seed and the public key."""

    version: ClassVar[str] = "v1a"
    seed: bytes = field(repr=False)

    def sign(self, content: bytes) -> bytes:
        return self._key().sign(content)

    def public_key(self) -> bytes:
        return self._key().public_key().public_bytes_raw()

    def _key(self) -> Ed25519PrivateKey:
        # 15 ms and 4 MB that only an endpoint with such a key costs.
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self.seed)


def parse_key(text: str) -> SecretKey | PrivateKey:
    """The signing key that a text holds.

    Raises:
        KeyInvalid: it holds none.
    """
    if text.startswith(PRIVATE_KEY_PREFIX):
        key = _decode(text, PRIVATE_KEY_PREFIX)
        if len(key) not in (_SEED_BYTES, 2 * _SEED_BYTES):
            raise KeyInvalid("a private key must hold 32 bytes, or 64 with its public key")
        private_key = PrivateKey(key[:_SEED_BYTES])
        if key[_SEED_BYTES:] not in (b"", private_key.public_key()):
            raise KeyInvalid("the second half of a private key is not its public key")
        return private_key
    if not text.startswith(SECRET_KEY_PREFIX):
        raise KeyInvalid("a webhook secret begins with whsec_ or whsk_")
    key = _decode(text, SECRET_KEY_PREFIX)
    if len(key) not in _SECRET_KEY_BYTES:
        raise KeyInvalid("a webhook secret must hold 24 to 64 bytes")
    return SecretKey(key)


def parse_public_key(text: str) -> bytes:
    """The 32 bytes that a text `whpk_…` holds.

    Raises:
        KeyInvalid: it holds none.
    """
    if not text.startswith(PUBLIC_KEY_PREFIX):
        raise KeyInvalid("a public key begins with whpk_")
    key = _decode(text, PUBLIC_KEY_PREFIX)
    if len(key) != _SEED_BYTES:
        raise KeyInvalid("a public key must hold 32 bytes")
    return key


def public_key_text(public_key: bytes) -> str:
    """A public key as Standard Webhooks writes it: `whpk_` and base64."""
    return PUBLIC_KEY_PREFIX + base64.b64encode(public_key).decode("ascii")


def key_id(public_key: bytes) -> str:
    """A short name of a public key: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def _decode(text: str, prefix: str) -> bytes:
    try:
        return base64.b64decode(text.removeprefix(prefix), validate=True)
    except ValueError:
        raise KeyInvalid(f"a webhook secret is not base64 after {prefix}") from None
