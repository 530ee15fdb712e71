"""HmacSHA1 and HmacSHA256: the older signature, whose common parameters travel with the others.

Source: request structure and signature v1, intl.cloud.tencent.com/document/api/608/33031, and the
vendor's Python SDK. A query or a form carries everything; JSON and multipart need TC3.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from liveproof_emulator.api.request import RawRequest
from liveproof_emulator.errors import ApiError
from liveproof_emulator.facts import COMMON
from liveproof_emulator.keys import Key

FORM = "application/x-www-form-urlencoded"
METHODS = {"HmacSHA1": hashlib.sha1, "HmacSHA256": hashlib.sha256}
COMMON_PARAMETERS = frozenset({
    "Action", "Language", "Nonce", "Region", "RequestClient", "SecretId", "Signature",
    "SignatureMethod", "Timestamp", "Token", "Version",
})  # fmt: skip
_NEEDED = ("Action", "Nonce", "SecretId", "Signature", "Timestamp", "Version")


def read_parameters(request: RawRequest) -> dict[str, str] | None:
    """Every parameter of a request that is signed this way, None if it is not.

    Raises:
        ApiError: it has this signature and a body that only TC3 may sign, or it is too big.
    """
    if "authorization" in request.headers or "x-tc-action" in request.headers:
        return None
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    if request.method == "GET":
        return query if query.keys() & {"Action", "Signature"} else None
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != FORM:
        if "Signature" in query or b'"Signature"' in request.body:
            raise ApiError(COMMON.text("v1_other_body_code"), "This body has to be signed by TC3.")
        return None
    if len(request.body) > COMMON.integer("largest_v1_bytes"):
        raise ApiError(
            COMMON.text("v1_size_code"), "More than 1 MB of request has to be signed by TC3."
        )
    return dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))


def sign(method: str, host: str, sent: Mapping[str, str], secret_key: str) -> str:
    """The signature that these parameters should have; `host` as in the Host header.

    Args:
        method: GET or POST.
        host: with the port, if there is one.
        sent: the decoded parameters; Signature is left out of what is signed.
        secret_key: of the key that SecretId names.
    """
    pairs = sorted((name, value) for name, value in sent.items() if name != "Signature")
    joined = "&".join(f"{name.replace('_', '.')}={value}" for name, value in pairs)
    text = f"{method}{host}/?{joined}".encode("utf-8", "surrogateescape")
    algorithm = METHODS[sent.get("SignatureMethod", "HmacSHA1")]
    return base64.b64encode(hmac.new(secret_key.encode(), text, algorithm).digest()).decode()


def verify(
    request: RawRequest, sent: Mapping[str, str], find_key: Callable[[str], Key | None], now: float
) -> Key:
    """The key that signed the request.

    Args:
        request: the request.
        sent: its parameters.
        find_key: key by id.
        now: Unix seconds.

    Raises:
        ApiError: MissingParameter or AuthFailure.* with the reason.
    """
    for name in _NEEDED:
        if not sent.get(name):
            raise ApiError("MissingParameter", f"The parameter {name} is missing.")
    for name in ("Nonce", "Timestamp"):
        if not re.fullmatch(r"\d{1,20}", sent[name], re.ASCII):
            raise ApiError("InvalidParameter", f"{name} has to be a whole number.")
    if sent.get("SignatureMethod", "HmacSHA1") not in METHODS:
        raise ApiError(COMMON.text("v1_method_code"), "There is no such SignatureMethod.")
    if abs(now - int(sent["Timestamp"])) > COMMON.number("signature_window_seconds"):
        raise ApiError("AuthFailure.SignatureExpire")
    key = find_key(sent["SecretId"])
    if key is None:
        raise ApiError("AuthFailure.SecretIdNotFound")
    signature = sent["Signature"].encode("utf-8", "surrogateescape")
    matches = False
    for host in request.hosts:
        expected = sign(request.method, host, sent, key.secret_key)
        matches |= hmac.compare_digest(expected.encode(), signature)
    if not matches:
        raise ApiError("AuthFailure.SignatureFailure")
    token = sent.get("Token", "").encode("utf-8", "surrogateescape")
    if key.token is not None and not hmac.compare_digest(token, key.token.encode()):
        raise ApiError("AuthFailure.TokenFailure")
    return key
