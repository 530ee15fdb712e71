"""AWS Signature Version 4, from the standard library: signed requests, and presigned S3 PUT URLs.

The test suite holds headers and URLs equal to those that botocore makes.
Source: AWS IAM User Guide, "AWS Signature Version 4 for API requests".
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"


class Credentials(NamedTuple):
    """An AWS key; `token` goes with temporary ones."""

    access_key: str
    secret_key: str
    token: str | None


class Scope(NamedTuple):
    """What a signature is for: one service in one region, on one day."""

    region: str
    service: str

    def on(self, date: str) -> str:
        """The credential scope of a day (YYYYMMDD)."""
        return f"{date}/{self.region}/{self.service}/aws4_request"


def object_url(base_url: str, key: str) -> str:
    """The URL of an S3 object.

    Args:
        base_url: the bucket's URL without a trailing slash, virtual-hosted or path style.
    """
    return f"{base_url}/{quote(key, safe='/-_.~')}"


def sign_headers(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    credentials: Credentials,
    scope: Scope,
    now: int,
) -> dict[str, str]:
    """The headers to send: those given, the signature, and what the signature needs.

    Args:
        url: its path and its query are encoded; the query has name=value pairs, sorted.
        headers: all are signed.
        now: time of signing, ms since 1970.
    """
    parts = urlsplit(url)
    time = _time(now)
    body_digest = hashlib.sha256(body).hexdigest()
    signed = {**headers, "X-Amz-Date": time}
    if credentials.token:
        signed["X-Amz-Security-Token"] = credentials.token
    if scope.service == "s3":
        signed["X-Amz-Content-SHA256"] = body_digest
    names, canonical = _canonical_headers({**signed, "Host": parts.netloc})
    request = "\n".join((method, parts.path or "/", parts.query, canonical, names, body_digest))
    signature = _signature(request, credentials, scope, time)
    signed["Authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope.on(time[:8])},"
        f" SignedHeaders={names}, Signature={signature}"
    )
    return signed


def presign(
    method: str,
    base_url: str,
    key: str,
    headers: Mapping[str, str],
    credentials: Credentials,
    region: str,
    now: int,
    expires_in: int,
) -> str:
    """A URL that accepts one request of this method, with exactly these headers.

    Args:
        base_url: the bucket's, as for `object_url`.
        key: the object's key.
        headers: every header that whoever uses the URL must send; all are signed.
        now: time of signing, ms since 1970.
        expires_in: seconds, 1 to 604800.
    """
    url = object_url(base_url, key)
    parts = urlsplit(url)
    scope = Scope(region, "s3")
    time = _time(now)
    names, canonical = _canonical_headers({**headers, "Host": parts.netloc})
    query = {
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Credential": f"{credentials.access_key}/{scope.on(time[:8])}",
        "X-Amz-Date": time,
        "X-Amz-Expires": str(expires_in),
        "X-Amz-SignedHeaders": names,
    }
    if credentials.token:
        query["X-Amz-Security-Token"] = credentials.token
    encoded = [f"{name}={quote(value, safe='-_.~')}" for name, value in query.items()]
    sorted_query = "&".join(sorted(encoded))
    request = "\n".join((method, parts.path, sorted_query, canonical, names, "UNSIGNED-PAYLOAD"))
    signature = _signature(request, credentials, scope, time)
    return f"{url}?{'&'.join(encoded)}&X-Amz-Signature={signature}"


def _time(now: int) -> str:
    return datetime.fromtimestamp(now // 1000, tz=timezone.utc).strftime("%Y%m%dT%H%M%SZ")


def _canonical_headers(headers: Mapping[str, str]) -> tuple[str, str]:
    """The signed headers' names, and their lines."""
    lowered = sorted((name.lower(), value.strip()) for name, value in headers.items())
    lines = "".join(f"{name}:{value}\n" for name, value in lowered)
    return ";".join(name for name, _ in lowered), lines


def _signature(request: str, credentials: Credentials, scope: Scope, time: str) -> str:
    digest = hashlib.sha256(request.encode()).hexdigest()
    to_sign = f"{_ALGORITHM}\n{time}\n{scope.on(time[:8])}\n{digest}"
    key = _signing_key(credentials.secret_key, time[:8], scope)
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=8)
def _signing_key(secret_key: str, date: str, scope: Scope) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (date, scope.region, scope.service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
