"""How SenseID's files travel: AES-256-GCM, ciphertext and tag, standard base64."""

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
    """No base64, or encrypted with another key or IV, or changed on the way."""


@dataclass(frozen=True)
class Cipher:
    """One deployment's key and IV: characters that are used as they are, not hex.

    The product has one IV for every file, so this hides files from nobody who can collect two of
    them; only what it does is reproduced here. ValueError for other than 32 and 12 bytes.
    """

    key: str = field(repr=False)
    iv: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key.encode()) != _KEY_BYTES or len(self.iv.encode()) != _IV_BYTES:
            raise ValueError("SenseID's key has 32 bytes and its IV 12")

    def encrypt(self, body: bytes) -> str:
        """A file as it is posted."""
        sealed = AESGCM(self.key.encode()).encrypt(self.iv.encode(), body, None)
        return base64.b64encode(sealed).decode()

    def decrypt(self, text: str) -> bytes:
        """The file. NotEncryptedError unless it is authentic."""
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
    """The product's defaults."""
    return Cipher(FACTS.text("key"), FACTS.text("iv"))
