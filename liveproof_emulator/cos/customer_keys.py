"""Objects under a key of the customer's own (SSE-C).

Source: COS documentation, server-side encryption headers (436/7728). COS takes these over TLS
only, which the emulator does not have.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping

from liveproof_emulator.cos.errors import CosError
from liveproof_emulator.cos.store import Stored, md5
from liveproof_emulator.facts import COS

_PREFIX = "x-cos-server-side-encryption-customer-"
_ALGORITHM, _KEY, _KEY_MD5 = f"{_PREFIX}algorithm", f"{_PREFIX}key", f"{_PREFIX}key-md5"
_KEY_BYTES = 32


def key_md5(headers: Mapping[str, str]) -> str | None:
    """The MD5 (base64) of the key in a request; None without a key.

    Raises:
        CosError: 400, it is no valid key.
    """
    if not any(name in headers for name in (_ALGORITHM, _KEY, _KEY_MD5)):
        return None
    key, digest = _bytes(headers.get(_KEY, "")), _bytes(headers.get(_KEY_MD5, ""))
    whole = len(key) == _KEY_BYTES and hmac.compare_digest(digest, bytes.fromhex(md5(key)))
    if headers.get(_ALGORITHM) != "AES256" or not whole:
        raise CosError(400, "InvalidArgument", "This is no key of AES256 with its MD5.")
    return base64.b64encode(digest).decode()


def check_key(headers: Mapping[str, str], stored: Stored) -> dict[str, str]:
    """The response headers that name the object's key; none for an object without a key.

    Raises:
        CosError: 400, the request lacks the key or needs none; 403, it has another key.
    """
    sent = key_md5(headers)
    if sent is None and stored.customer_key_md5 is None:
        return {}
    if sent is None or stored.customer_key_md5 is None:
        code = COS.text("customer_key_needed_code")
        raise CosError(400, code, "The object is read with the key that it was put with, only.")
    if not hmac.compare_digest(sent, stored.customer_key_md5):
        raise CosError(403, COS.text("customer_key_wrong_code"), "The object has another key.")
    return response_headers(sent)


def response_headers(md5_of_key: str | None) -> dict[str, str]:
    """The response headers that name a key; none without a key."""
    return {} if md5_of_key is None else {_ALGORITHM: "AES256", _KEY_MD5: md5_of_key}


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
