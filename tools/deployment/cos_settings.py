"""A bucket's settings on COS: one signed request for a sub-resource, such as `?cors`."""

from __future__ import annotations

import base64
import hashlib
import time
from urllib.parse import urlsplit

from liveproof_emulator.cos.v5_signature import FIELDS, signature
from tools import http_client

_SECONDS = 600


def request(
    origin: str,
    method: str,
    setting: str,
    secret_id: str,
    secret_key: str,
    document: bytes | None = None,
) -> http_client.Response:
    """COS's answer, whatever it is.

    Args:
        origin: the bucket's URL without a slash at the end.
        setting: the sub-resource's name.
        document: of a PUT.

    Raises:
        OSError: no answer.
    """
    headers = {}
    if document is not None:
        md5 = hashlib.md5(document, usedforsecurity=False).digest()
        headers = {
            "Content-MD5": base64.b64encode(md5).decode(),
            "Content-Length": str(len(document)),
            "Content-Type": "application/xml",
        }
    now = int(time.time())
    key_time = f"{now - 60};{now + _SECONDS}"
    signed = {name.lower(): value for name, value in headers.items()}
    signed["host"] = urlsplit(origin).netloc
    names = ";".join(sorted(signed))
    signed_digest = signature(secret_key, method, "/", signed, {setting: ""}, key_time)
    values = ("sha1", secret_id, key_time, key_time, names, setting, signed_digest)
    authorization = "&".join(f"{name}={value}" for name, value in zip(FIELDS, values, strict=True))
    sent = {**headers, "Authorization": authorization}
    return http_client.request(method, f"{origin}/?{setting}=", sent, document)
