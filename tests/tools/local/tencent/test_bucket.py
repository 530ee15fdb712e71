"""The local bucket is made as infra/tencent and the guide make it: what an upload URL cannot do."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from typing import Any

import pytest

from liveproof.clouds.tencent.signature import presign_url
from liveproof.secret_documents import VendorKey
from liveproof_emulator import testing
from tools import ROOT, http_client
from tools.local.tencent import bucket

INFRA = ROOT / "infra" / "tencent"
ORIGIN = "https://app.example"
BODY = b"the declared bytes"
CUSTOMER = "x-cos-server-side-encryption-customer-"
CLOSED_BY_POLICY: list[dict[str, str]] = [
    {"x-cos-storage-class": "ARCHIVE"},
    {"x-cos-acl": "public-read"},
    {"x-cos-grant-read": 'id="qcs::cam::anyone:anyone"'},
    {"x-cos-grant-full-control": 'id="1"'},
]
CLOSED_BY_STRICT_SIGNATURE: list[dict[str, str]] = [
    {"x-cos-copy-source": "public-1250000000.cos.ap-singapore.myqcloud.com/a"},
    {
        f"{CUSTOMER}algorithm": "AES256",
        f"{CUSTOMER}key": base64.b64encode(bytes(32)).decode(),
        f"{CUSTOMER}key-MD5": base64.b64encode(
            hashlib.md5(bytes(32), usedforsecurity=False).digest()
        ).decode(),
    },
    {"x-cos-meta-who": "me"},
]
# What COS cannot refuse: the header is none of those that a strict signature may name.
OPEN: list[dict[str, str]] = [{"Content-Encoding": "gzip"}, {"Cache-Control": "no-store"}, {}]


@pytest.fixture(scope="module")
def vendor() -> Iterator[testing.Running]:
    with testing.start() as running:
        yield running


class Upload:
    """An upload URL of a role that may put and nothing else, signed as the API signs it."""

    def __init__(self, vendor: Any, host: str) -> None:
        made = vendor.issue_key([("cos:PutObject", f"{host}/uploads/*")])
        key = VendorKey(made.secret_id, made.secret_key, made.token)
        md5 = base64.b64encode(hashlib.md5(BODY, usedforsecurity=False).digest()).decode()
        self.headers = {
            "Content-Length": str(len(BODY)),
            "Content-MD5": md5,
            "Content-Type": "image/jpeg",
            "x-cos-forbid-overwrite": "true",
        }
        now = int(time.time() * 1000)
        name = f"uploads/{made.secret_id}"
        base = f"{vendor.url}/cos/{host}"
        self.url = presign_url("PUT", base, name, self.headers, key, now, now + 900_000)

    def put(self, extra: dict[str, str], query: str = "") -> http_client.Response:
        return http_client.request("PUT", self.url + query, {**self.headers, **extra}, BODY)


def prepared(vendor: Any, name: str, **changes: Any) -> str:
    host = f"{name}-1250000000.cos.ap-singapore.myqcloud.com"
    arguments = {"cors_origins": "", "policy": True, "strict": True, **changes}
    bucket.prepare(vendor, host, INFRA, **arguments)
    return host


@pytest.mark.parametrize("extra", [*CLOSED_BY_POLICY, *CLOSED_BY_STRICT_SIGNATURE])
def test_a_header_that_the_url_does_not_sign_is_refused(
    vendor: testing.Running, extra: dict[str, str]
) -> None:
    upload = Upload(vendor, prepared(vendor, "whole"))
    assert upload.put(extra).status == 403
    assert upload.put({}).status == 200


@pytest.mark.parametrize("extra", OPEN)
def test_headers_without_effect_on_the_bucket_pass(
    vendor: testing.Running, extra: dict[str, str]
) -> None:
    assert Upload(vendor, prepared(vendor, "whole")).put(extra).status == 200


@pytest.mark.parametrize("query", ["&acl", "&tagging", "&partNumber=1&uploadId=a", "&a=b"])
def test_a_parameter_that_the_url_does_not_sign_is_refused(
    vendor: testing.Running, query: str
) -> None:
    upload = Upload(vendor, prepared(vendor, "whole"))
    assert upload.put({}, query).status == 403
    assert upload.put({}).status == 200


def test_without_strict_signatures_the_policy_closes_its_own_and_nothing_else(
    vendor: testing.Running,
) -> None:
    host = prepared(vendor, "policy", strict=False)
    for extra in CLOSED_BY_POLICY:
        assert Upload(vendor, host).put(extra).status == 403
    # The source of the copy does not exist: the copy was tried.
    assert [Upload(vendor, host).put(extra).status for extra in CLOSED_BY_STRICT_SIGNATURE] == [
        404, 200, 200,
    ]  # fmt: skip
    assert Upload(vendor, host).put({}, "&acl").status == 403  # the role
    assert Upload(vendor, host).put({}, "&a=b").status == 200


def test_without_either_the_role_alone_is_left(vendor: testing.Running) -> None:
    host = prepared(vendor, "open", strict=False, policy=False)
    for extra in CLOSED_BY_POLICY:
        assert Upload(vendor, host).put(extra).status == 200
    assert Upload(vendor, host).put({}, "&acl").status == 403


def test_browsers_may_put_from_the_origins_of_the_variable_and_no_other(
    vendor: testing.Running,
) -> None:
    host = prepared(vendor, "cors", cors_origins=f"{ORIGIN},https://other.example")
    upload = Upload(vendor, host)
    names = ", ".join(name.lower() for name in upload.headers if name != "Content-Length")
    headers = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": names}

    def preflight(url: str, origin: str) -> int:
        return http_client.request("OPTIONS", url, {"Origin": origin, **headers}).status

    assert preflight(upload.url, ORIGIN) == 200
    assert preflight(upload.url, "https://evil.example") == 403
    assert preflight(Upload(vendor, prepared(vendor, "whole")).url, ORIGIN) == 403
    assert upload.put({"Origin": ORIGIN}).status == 200
