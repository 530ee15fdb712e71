"""TC3-HMAC-SHA256: verifying the signature of a request, on the bytes as they came.

Source: signature method v3, cloud.tencent.com/document/product/1278/46710, and the published
examples, which are tests.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timezone

from liveproof_emulator.api.request import RawRequest
from liveproof_emulator.errors import ApiError
from liveproof_emulator.facts import COMMON
from liveproof_emulator.keys import Key

ALGORITHM = "TC3-HMAC-SHA256"
_HEADER = re.compile(
    r"TC3-HMAC-SHA256\s+Credential=(?P<id>[^/,\s]+)/(?P<date>\d{4}-\d{2}-\d{2})"
    r"/(?P<service>[^/,\s]+)/tc3_request\s*,\s*SignedHeaders=(?P<headers>[^,\s]+)"
    r"\s*,\s*Signature=(?P<signature>[0-9a-f]{64})\s*\Z"
)
_INVALID = "AuthFailure.InvalidAuthorization"


@dataclass(frozen=True)
class Authorization:
    """The parts of the Authorization header."""

    secret_id: str
    date: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str


def parse(header: str) -> Authorization:
    """Read the header. ApiError if it is malformed or leaves out content-type or host."""
    match = _HEADER.match(header)
    if match is None:
        raise ApiError(_INVALID)
    names = tuple(match["headers"].lower().split(";"))
    if not {"content-type", "host"} <= set(names) or "" in names:
        raise ApiError(_INVALID, "SignedHeaders has to hold content-type and host.")
    return Authorization(match["id"], match["date"], match["service"], names, match["signature"])


def sign(
    request: RawRequest, secret_key: str, date: str, service: str, names: Iterable[str], host: str
) -> str:
    """The signature that this request should have, with `host` for the Host header."""
    signed = sorted(names)
    headers = "".join(
        f"{name}:{(host if name == 'host' else request.headers.get(name, '')).strip().lower()}\n"
        for name in signed
    )
    payload = b"" if request.method == "GET" else request.body
    if request.headers.get("x-tc-content-sha256") == "UNSIGNED-PAYLOAD":
        payload = b"UNSIGNED-PAYLOAD"
    canonical = "\n".join(
        (
            request.method,
            "/",
            request.query if request.method == "GET" else "",
            headers,
            ";".join(signed),
            hashlib.sha256(payload).hexdigest(),
        )
    )
    text = "\n".join(
        (
            ALGORITHM,
            request.headers.get("x-tc-timestamp", ""),
            f"{date}/{service}/tc3_request",
            hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest(),
        )
    )
    key = ("TC3" + secret_key).encode()
    for part in (date, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def verify(
    request: RawRequest,
    find_key: Callable[[str], Key | None],
    services: Collection[str],
    now: float,
) -> Key:
    """The key that signed the request.

    Args:
        request: the request.
        find_key: key by id.
        services: services whose scope is accepted, beside the first label of Host (which is what
            some SDKs put there).
        now: Unix seconds.

    Raises:
        ApiError: AuthFailure.* with the reason.
    """
    authorization = parse(request.headers.get("authorization", ""))
    timestamp = request.headers.get("x-tc-timestamp", "")
    if not re.fullmatch(r"\d{1,10}", timestamp, re.ASCII):
        raise ApiError(_INVALID, "X-TC-Timestamp has to be whole Unix seconds.")
    if abs(now - int(timestamp)) > COMMON.number("signature_window_seconds"):
        raise ApiError("AuthFailure.SignatureExpire")
    if authorization.date != datetime.fromtimestamp(int(timestamp), timezone.utc).strftime(
        "%Y-%m-%d"
    ):
        raise ApiError(
            COMMON.text("wrong_scope_date_code"), "The scope's date is not the timestamp's."
        )
    key = find_key(authorization.secret_id)
    if key is None:
        raise ApiError("AuthFailure.SecretIdNotFound")
    hosts = request.hosts
    if authorization.service not in services and authorization.service != hosts[1].split(".")[0]:
        raise ApiError("AuthFailure.SignatureFailure", "The scope names another service.")
    matches = False
    for host in hosts:
        expected = sign(
            request,
            key.secret_key,
            authorization.date,
            authorization.service,
            authorization.signed_headers,
            host,
        )
        matches |= hmac.compare_digest(expected, authorization.signature)
    if not matches:
        raise ApiError("AuthFailure.SignatureFailure")
    token = request.headers.get("x-tc-token", "").encode("utf-8", "surrogateescape")
    if key.token is not None and not hmac.compare_digest(token, key.token.encode()):
        raise ApiError("AuthFailure.TokenFailure")
    return key
