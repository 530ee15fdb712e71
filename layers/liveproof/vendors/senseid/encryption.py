"""SenseID's photo and video encryption, in pieces.

AES-256-GCM; key and IV are fixed per deployment; ciphertext and tag are in standard base64. With a
fixed IV, GCM protects nothing from a person who sees two messages. So this is a format of the
vendor's, not a protection. TLS or a private network protects the files (docs/security.md).
Source: operation manual, "Photo and Video Encryption", version 1.8.
"""

from __future__ import annotations

import base64

from liveproof.files.inline import PIECE_BYTES, read_exactly
from liveproof.ports import ObjectStream


def append_encrypted(form: bytearray, stream: ObjectStream, key: bytes, iv: bytes) -> None:
    """Append a stream to a form body: encrypted, in base64, percent-encoded.

    Args:
        key: 32 bytes.
        iv: 12 bytes.
    """
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES256
    from cryptography.hazmat.primitives.ciphers.modes import GCM

    encryptor = Cipher(AES256(key), GCM(iv)).encryptor()
    rest = b""
    while piece := read_exactly(stream, PIECE_BYTES):
        # Only whole groups of three bytes may be turned into base64 before the end.
        ready = rest + encryptor.update(piece)
        cut = len(ready) - len(ready) % 3
        form += _form_encode(ready[:cut])
        rest = ready[cut:]
    encryptor.finalize()
    form += _form_encode(rest + encryptor.tag)


def _form_encode(data: bytes) -> bytes:
    # Base64's only characters that a form has to escape; the same bytes as urllib.parse.quote's,
    # which goes through them one by one.
    text = base64.b64encode(data).replace(b"+", b"%2B").replace(b"/", b"%2F")
    return text.replace(b"=", b"%3D")
