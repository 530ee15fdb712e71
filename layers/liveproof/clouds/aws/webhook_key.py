"""The deployment's own signing key for webhooks, in KMS: an Ed25519 key that never leaves it.

Sources: botocore's model of KMS, Sign and GetPublicKey, key spec ECC_NIST_EDWARDS25519 (1.40.69,
2025-11-07). With `RAW` the algorithm ED25519_SHA_512 is the Ed25519 of RFC 8032, which `v1a` needs.
"""

from __future__ import annotations

import base64
from functools import cached_property
from typing import Any, ClassVar

from liveproof.clouds.aws.clients import Clients

_ALGORITHM = "ED25519_SHA_512"

_PUBLIC_KEY_HEADER = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410)."""

_SIGNATURE_BYTES, _PUBLIC_KEY_BYTES = 64, 32


class KmsKeyUnusable(Exception):
    """KMS answered with something that is no Ed25519 signature or key."""


class KmsKey:
    """A key of KMS as a signing key of version `v1a`.

    Its methods raise AwsError when KMS refuses, or does not answer to three attempts of five
    seconds; and KmsKeyUnusable for an answer of a key of another kind.

    Args:
        key: its ARN.
    """

    version: ClassVar[str] = "v1a"

    def __init__(self, clients: Clients, key: str) -> None:
        self._clients = clients
        self._key = key

    def sign(self, content: bytes) -> bytes:
        """The signature of at most 4096 bytes, which is what KMS signs."""
        answer = self._clients.kms.call(
            "Sign",
            KeyId=self._key,
            Message=base64.b64encode(content).decode("ascii"),
            MessageType="RAW",
            SigningAlgorithm=_ALGORITHM,
        )
        return _bytes(answer, "Signature", b"", _SIGNATURE_BYTES)

    def public_key(self) -> bytes:
        """The 32 bytes that verify; asked for once, since a key never changes."""
        return self._public_key

    @cached_property
    def _public_key(self) -> bytes:
        answer = self._clients.kms.call("GetPublicKey", KeyId=self._key)
        return _bytes(answer, "PublicKey", _PUBLIC_KEY_HEADER, _PUBLIC_KEY_BYTES)


def _bytes(answer: dict[str, Any], field: str, header: bytes, length: int) -> bytes:
    try:
        content = base64.b64decode(answer[field], validate=True)
    except (KeyError, TypeError, ValueError):
        raise KmsKeyUnusable(f"KMS answered without a {field}") from None
    if not content.startswith(header) or len(content) != len(header) + length:
        raise KmsKeyUnusable(f"the {field} that KMS answered with is not one of Ed25519")
    return content[len(header) :]
