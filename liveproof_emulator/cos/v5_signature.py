"""COS V5 request signatures (HMAC-SHA1), to make and to verify.

Source: COS API documentation 436/7778 and the signer of cos-python-sdk-v5 1.9.44.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote

from liveproof_emulator.keys import Key

FIELDS = (
    "q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time",
    "q-header-list", "q-url-param-list", "q-signature",
)  # fmt: skip


def encode(text: str) -> str:
    """Percent-encode as V5 does, which encodes "/" as well."""
    return quote(text, safe="-_.~", errors="surrogateescape")


def read_fields(authorization: str | None, query: str) -> dict[str, str]:
    """The fields of the header, or without a header those of the raw query string.

    In the query their values are percent-encoded once more.
    """
    if authorization is None:
        return dict(parse_qsl(query, keep_blank_values=True))
    pairs = (field.partition("=") for field in authorization.strip().split("&"))
    return {name: value for name, _, value in pairs}


def _pairs(values: Mapping[str, str]) -> str:
    encoded = sorted((encode(name).lower(), encode(value)) for name, value in values.items())
    return "&".join(f"{name}={value}" for name, value in encoded)


def _hmac(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha1).hexdigest()


def signature(
    secret_key: str,
    method: str,
    path: str,
    headers: Mapping[str, str],
    params: Mapping[str, str],
    key_time: str,
) -> str:
    """The hex signature; `path` is decoded and starts with "/"."""
    http = f"{method.lower()}\n{path}\n{_pairs(params)}\n{_pairs(headers)}\n"
    digest = hashlib.sha1(http.encode("utf-8", "surrogateescape"), usedforsecurity=False)
    text = f"sha1\n{key_time}\n{digest.hexdigest()}\n"
    return _hmac(_hmac(secret_key, key_time), text)


def presign(
    key: Key, method: str, origin: str, host: str, object_key: str, start: int, end: int
) -> str:
    """A path-style URL on `origin` (scheme and host) with only `host` signed."""
    netloc = origin.split("://", 1)[1]
    key_time = f"{start};{end}"
    signed = signature(key.secret_key, method, "/" + object_key, {"host": netloc}, {}, key_time)
    values = ("sha1", key.secret_id, key_time, key_time, "host", "", signed)
    query = "&".join(f"{name}={encode(value)}" for name, value in zip(FIELDS, values, strict=True))
    return f"{origin}/cos/{host}/{encode(object_key)}?{query}"


def matches(
    fields: Mapping[str, str],
    key: Key,
    method: str,
    paths: Iterable[str],
    headers: Mapping[str, str],
    hosts: Iterable[str],
    params: Mapping[str, str],
) -> bool:
    """Whether the q-* fields sign this request.

    Several paths and hosts are accepted, since clients of a path-style server sign different ones.
    A listed header or parameter that the request lacks never matches.
    """
    header_names = [name for name in fields["q-header-list"].lower().split(";") if name]
    param_names = [name for name in fields["q-url-param-list"].lower().split(";") if name]
    lowered = {encode(name).lower(): (name, value) for name, value in params.items()}
    if any(name not in headers for name in header_names if name != "host"):
        return False
    if any(name not in lowered for name in param_names):
        return False
    signed_params = dict(lowered[name] for name in param_names)
    matching = False
    for path in paths:
        for host in hosts:
            signed_headers = {
                name: host if name == "host" else headers[name] for name in header_names
            }
            expected = signature(
                key.secret_key, method, path, signed_headers, signed_params, fields["q-key-time"]
            )
            matching |= hmac.compare_digest(
                expected.encode(), fields["q-signature"].encode("utf-8", "surrogateescape")
            )
    return matching
