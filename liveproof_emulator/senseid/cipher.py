"""How SenseID's files are encrypted: AES-256-GCM, ciphertext and tag, in standard base64."""

import base64
import binascii
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from liveproof_emulator.senseid.catalogue import FACTS

_KEY_BYTES = 32
_IV_BYTES = 12
_TAG_BYTES = 16


class NotEncryptedError(Exception):
    """The file is no base64, is encrypted with another key or IV, or was changed on the way."""


@dataclass(frozen=True)
class Cipher:
    """One deployment's key and IV: characters that are used as they are, not hex.

    The product uses one IV for every file, so two files together reveal each other. The emulator
    only reproduces that. ValueError unless the key has 32 bytes and the IV 12.
    """

    key: str = field(repr=False)
    iv: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key.encode()) != _KEY_BYTES or len(self.iv.encode()) != _IV_BYTES:
            raise ValueError("SenseID's key has 32 bytes and its IV 12")

    def encrypt(self, body: bytes) -> str:
        """A file encrypted, as it is posted."""
        sealed = AESGCM(self.key.encode()).encrypt(self.iv.encode(), body, None)
        return base64.b64encode(sealed).decode()

    def decrypt(self, text: str) -> bytes:
        """The decrypted file. NotEncryptedError unless it is authentic."""
        try:
            sealed = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as problem:
            raise NotEncryptedError from problem
        if len(sealed) < _TAG_BYTES:
            raise NotEncryptedError
        try:
            return AESGCM(self.key.encode()).decrypt(self.iv.encode(), sealed, None)
        except InvalidTag as problem:
            raise NotEncryptedError from problem


def published() -> Cipher:
    """The product's published default key and IV."""
    return Cipher(FACTS.text("key"), FACTS.text("iv"))
