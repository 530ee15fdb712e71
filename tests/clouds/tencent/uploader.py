"""What an uploader does, and the bytes that it has."""

from __future__ import annotations

import base64
import hashlib
import http.client
from collections.abc import Iterable
from urllib.parse import urlsplit

from liveproof.clock import now_ms
from liveproof.clouds.tencent.bucket import CosBucket
from liveproof.ports import PresignedUpload
from tests.clouds.tencent.conftest import NAME, REGION

BODY = b"0123456789"
MD5 = hashlib.md5(BODY, usedforsecurity=False).hexdigest()
MD5_BASE64 = base64.b64encode(bytes.fromhex(MD5)).decode()
KEY = "uploads/ver_01/image/abc"
KEYS = [KEY, "uploads/ver 01/im+age/a&b=c%2F", "uploads/größe/\U0001f600/~._-", "a//b/./c?d#e"]
HOST = f"{NAME}.cos.{REGION}.myqcloud.com"


def sent(
    method: str,
    url: str,
    body: bytes | Iterable[bytes] | None = None,
    headers: dict[str, str] | None = None,
    *,
    host: str | None = None,
) -> tuple[int, bytes]:
    """Plain HTTP, as an uploader sends it: status and body. `host` is where to connect instead."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(host or parts.netloc, timeout=10)
    all_headers = {**({"Host": parts.netloc} if host else {}), **(headers or {})}
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body, all_headers)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def upload_of(bucket: CosBucket, key: str = KEY, left_ms: int = 900_000) -> PresignedUpload:
    now = now_ms()
    return bucket.presign_put(key, MD5, len(BODY), "image/jpeg", now, now + left_ms)
