"""SenseID's photo and video encryption, made in pieces.

AES-256-GCM with a key and an IV that are both fixed per deployment; ciphertext and tag in standard
base64. A fixed IV means that GCM protects nothing against somebody who sees two messages: treat
this as the vendor's format and never as the protection of the bytes. That is TLS, or a network that
nobody else is in (docs/security.md).
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
        form += _form_encoded(ready[:cut])
        rest = ready[cut:]
    encryptor.finalize()
    form += _form_encoded(rest + encryptor.tag)


def _form_encoded(data: bytes) -> bytes:
    # Base64's only characters that a form has to escape; the same bytes as urllib.parse.quote's,
    # which goes through them one by one.
    text = base64.b64encode(data).replace(b"+", b"%2B").replace(b"/", b"%2F")
    return text.replace(b"=", b"%3D")
