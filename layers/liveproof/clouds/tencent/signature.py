"""COS V5 signatures (HMAC-SHA1) from the standard library: presigned URLs and our own requests.

The vendor's SDK signs the same, with a 16 MB native dependency. The test suite holds every
signature equal to the one that cos-python-sdk-v5 makes.
Source: COS API documentation 436/7778 and the signer of cos-python-sdk-v5 1.9.44.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from liveproof.secret_documents import VendorKey

_TOKEN = "x-cos-security-token"  # noqa: S105 - a header's name
_EARLY_SECONDS = 60
"""A signature is valid from this long before the signing, because clocks differ. As the SDK's."""

_OWN_REQUEST_MS = 600_000
"""The validity of a request of our own: the time from signing to arriving."""


def presign_url(
    method: str,
    base_url: str,
    key: str,
    headers: Mapping[str, str],
    secret: VendorKey,
    now: int,
    expires_at: int,
    params: Mapping[str, str] | None = None,
) -> str:
    """A URL that accepts one method on one object, with exactly these headers and parameters.

    A temporary key's token becomes a signed parameter; the URL ends with the token if that is
    sooner than `expires_at`.

    Args:
        method: such as PUT.
        base_url: the bucket's URL without a trailing slash.
        key: the object's key, not beginning with a slash.
        headers: every header that the caller of the URL must send; all are signed, with `host`.
        now: time of signing, ms since 1970.
        expires_at: when it ends (ms), to the second below, but never before it begins.
        params: more query parameters; all are signed.
    """
    url = object_url(base_url, key)
    query = dict(params or {})
    if secret.token:
        query[_TOKEN] = secret.token
    fields = _fields(method, url, key, headers, query, secret, now, expires_at)
    pairs = (f"{name}={_percent_encode(value)}" for name, value in fields.items())
    rest = (f"{_percent_encode(name)}={_percent_encode(value)}" for name, value in query.items())
    return f"{url}?{'&'.join((*pairs, *rest))}"


def sign_headers(
    method: str,
    base_url: str,
    key: str,
    headers: Mapping[str, str],
    secret: VendorKey,
    now: int,
    params: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers of a request of our own: the given ones, the token, Authorization.

    Args:
        headers: all are signed, with the `host` that an HTTP client takes from the URL.
        now: time of signing, ms since 1970.
        params: the URL's query parameters; all are signed.
    """
    sent = dict(headers)
    if secret.token:
        sent[_TOKEN] = secret.token
    url = object_url(base_url, key)
    fields = _fields(method, url, key, sent, params or {}, secret, now, now + _OWN_REQUEST_MS)
    sent["Authorization"] = "&".join(f"{name}={value}" for name, value in fields.items())
    return sent


def object_url(base_url: str, key: str, params: Mapping[str, str] | None = None) -> str:
    """An object's URL. `./` is escaped, so that no HTTP client normalises it away."""
    url = f"{base_url}/{quote(key, safe='/-_.~').replace('./', '.%2F')}"
    pairs = [
        f"{_percent_encode(name)}={_percent_encode(value)}"
        for name, value in (params or {}).items()
    ]
    return f"{url}?{'&'.join(pairs)}" if pairs else url


def _fields(
    method: str,
    url: str,
    key: str,
    headers: Mapping[str, str],
    params: Mapping[str, str],
    secret: VendorKey,
    now: int,
    expires_at: int,
) -> dict[str, str]:
    """The q-* fields, in the vendor's order."""
    seconds = now // 1000
    key_time = f"{seconds - _EARLY_SECONDS};{max(seconds + 1, expires_at // 1000)}"
    # HTTP clients send the host with its port, where the URL has one.
    header_list, header_text = _canonical({**headers, "host": urlsplit(url).netloc})
    param_list, param_text = _canonical(params)
    # The decoded path below the bucket, whatever the bucket's own URL is.
    http = f"{method.lower()}\n/{key}\n{param_text}\n{header_text}\n"
    digest = hashlib.sha1(http.encode(), usedforsecurity=False).hexdigest()
    signing_key = _hmac(secret.secret_key, key_time)
    return {
        "q-sign-algorithm": "sha1",
        "q-ak": secret.secret_id,
        "q-sign-time": key_time,
        "q-key-time": key_time,
        "q-header-list": header_list,
        "q-url-param-list": param_list,
        "q-signature": _hmac(signing_key, f"sha1\n{key_time}\n{digest}\n"),
    }


def _canonical(values: Mapping[str, str]) -> tuple[str, str]:
    """The names, and the names with their values, as they are signed."""
    pairs = sorted(
        (_percent_encode(name).lower(), _percent_encode(value)) for name, value in values.items()
    )
    return ";".join(name for name, _ in pairs), "&".join(f"{name}={value}" for name, value in pairs)


def _percent_encode(text: str) -> str:
    return quote(text, safe="-_.~")


def _hmac(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha1).hexdigest()
