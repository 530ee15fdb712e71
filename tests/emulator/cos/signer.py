"""V5 signatures, written from the published description and not from the emulator's code."""

import hashlib
import hmac
import http.client
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

from liveproof_emulator import testing

BUCKET = "team-1250000000.cos.ap-singapore.myqcloud.com"
KEY = "uploads/ver one/live_data"

Presign = Callable[..., str]


def encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def sha1(key: str, text: str) -> str:
    return hmac.digest(key.encode(), text.encode(), "sha1").hex()


def fields(
    secret_id: str,
    secret_key: str,
    method: str,
    path: str,
    headers: dict[str, str],
    params: dict[str, str],
    lifetime: tuple[int, int] = (-60, 900),
) -> dict[str, str]:
    """The q-* fields, written from the published description (436/7778)."""
    now = int(time.time())
    key_time = f"{now + lifetime[0]};{now + lifetime[1]}"

    def joined(values: dict[str, str]) -> tuple[str, str]:
        pairs = sorted((encoded(name).lower(), encoded(value)) for name, value in values.items())
        return ";".join(name for name, _ in pairs), "&".join(f"{n}={v}" for n, v in pairs)

    header_list, header_text = joined(headers)
    param_list, param_text = joined(params)
    http = f"{method.lower()}\n{path}\n{param_text}\n{header_text}\n"
    digest = hashlib.sha1(http.encode(), usedforsecurity=False).hexdigest()
    return {
        "q-sign-algorithm": "sha1",
        "q-ak": secret_id,
        "q-sign-time": key_time,
        "q-key-time": key_time,
        "q-header-list": header_list,
        "q-url-param-list": param_list,
        "q-signature": sha1(sha1(secret_key, key_time), f"sha1\n{key_time}\n{digest}\n"),
    }


def presigner(vendor: testing.Running) -> Presign:
    """Makes path-style URLs; `changes`: host, path, secret_id, secret_key, lifetime, bucket."""

    def make(
        method: str,
        key: str = KEY,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
        **changes: Any,
    ) -> str:
        signed = {"host": changes.get("host", vendor.endpoint), **(headers or {})}
        query = fields(
            changes.get("secret_id", vendor.secret_id),
            changes.get("secret_key", vendor.secret_key),
            method,
            changes.get("path", "/" + key),
            signed,
            params or {},
            changes.get("lifetime", (-60, 900)),
        )
        bucket = changes.get("bucket", BUCKET)
        return f"{vendor.url}/cos/{bucket}/{encoded(key)}?{urlencode({**(params or {}), **query})}"

    return make


def code(reply: Any) -> str | None:
    """The code of a refusal."""
    return ElementTree.fromstring(reply.body).findtext("Code")  # noqa: S314


def send_pairs(
    method: str, url: str, body: bytes, pairs: Iterable[tuple[str, str]]
) -> tuple[int, bytes]:
    """One request with exactly these headers in this order, doubled ones as well."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.putrequest(method, f"{parts.path}?{parts.query}", skip_accept_encoding=True)
        for name, value in pairs:
            connection.putheader(name, value)
        connection.endheaders(body)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()
