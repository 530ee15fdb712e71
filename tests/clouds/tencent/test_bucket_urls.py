"""Presigned URLs of COS, against the emulator's own verification of signatures."""

from __future__ import annotations

import base64

import pytest

from liveproof.clock import now_ms
from liveproof.clouds.tencent.bucket import CosBucket, CosRefused
from liveproof.secret_documents import VendorKey
from liveproof_emulator import testing
from tests.clouds.tencent.conftest import NAME, REGION
from tests.clouds.tencent.uploader import (
    BODY,
    HOST,
    KEY,
    KEYS,
    MD5_BASE64,
    sent,
    upload_of,
)


@pytest.mark.parametrize("key", KEYS)
def test_an_upload_with_exactly_these_headers_is_taken(bucket: CosBucket, key: str) -> None:
    upload = upload_of(bucket, key)

    assert upload.headers == {
        "Content-MD5": MD5_BASE64,
        "Content-Length": "10",
        "Content-Type": "image/jpeg",
        "x-cos-forbid-overwrite": "true",
    }
    assert sent(upload.method, upload.url, BODY, upload.headers)[0] == 200
    assert bucket.open(key).size == 10


def test_every_header_and_the_token_are_signed(bucket: CosBucket, role: VendorKey) -> None:
    url = upload_of(bucket).url

    names = "content-length%3Bcontent-md5%3Bcontent-type%3Bhost%3Bx-cos-forbid-overwrite"
    assert f"q-header-list={names}&q-url-param-list=x-cos-security-token&" in url
    assert url.endswith(f"&x-cos-security-token={role.token}")


@pytest.mark.parametrize(
    "change",
    [
        {"Content-MD5": base64.b64encode(bytes(16)).decode()},
        {"Content-Length": "9"},
        {"Content-Type": "image/png"},
        {"x-cos-forbid-overwrite": "false"},
    ],
)
def test_an_upload_with_another_header_is_refused(
    bucket: CosBucket, change: dict[str, str]
) -> None:
    upload = upload_of(bucket)
    headers = {**upload.headers, **change}
    body = BODY[: int(headers["Content-Length"])]
    status, answer = sent("PUT", upload.url, body, headers)

    assert (status, b"SignatureDoesNotMatch" in answer) == (403, True)


@pytest.mark.parametrize(
    "name", ["Content-MD5", "Content-Length", "Content-Type", "x-cos-forbid-overwrite"]
)
def test_an_upload_without_one_of_the_headers_is_refused(bucket: CosBucket, name: str) -> None:
    upload = upload_of(bucket)
    headers = {other: value for other, value in upload.headers.items() if other != name}
    # Without a length the client sends in chunks.
    body = iter([BODY]) if name == "Content-Length" else BODY

    assert sent("PUT", upload.url, body, headers)[0] == 403


def test_an_upload_by_another_method_under_another_key_or_too_late_is_refused(
    bucket: CosBucket, vendor: testing.Running
) -> None:
    upload = upload_of(bucket)

    assert sent("POST", upload.url, BODY, upload.headers)[0] == 405
    assert sent("GET", upload.url, BODY, upload.headers)[0] == 403
    assert sent("DELETE", upload.url, BODY, upload.headers)[0] == 403
    other = upload.url.replace("/image/", "/video/")
    assert sent("PUT", other, BODY, upload.headers)[0] == 403
    vendor.skew(901)
    status, answer = sent("PUT", upload.url, BODY, upload.headers)
    assert (status, b"SignatureDoesNotMatch" in answer) == (403, False)
    vendor.skew(890)
    assert sent("PUT", upload.url, BODY, upload.headers)[0] == 200


def test_an_upload_with_another_token_is_refused(bucket: CosBucket, role: VendorKey) -> None:
    upload = upload_of(bucket)

    assert role.token is not None
    for url in (
        upload.url.replace(role.token, "other"),
        upload.url.replace(f"&x-cos-security-token={role.token}", ""),
    ):
        assert sent("PUT", url, BODY, upload.headers)[0] == 403


def test_other_bytes_are_refused_and_nothing_is_overwritten(bucket: CosBucket) -> None:
    upload = upload_of(bucket)

    status, answer = sent("PUT", upload.url, b"9876543210", upload.headers)
    assert (status, b"BadDigest" in answer) == (400, True)
    assert sent("PUT", upload.url, BODY, upload.headers)[0] == 200
    status, answer = sent("PUT", upload.url, BODY, upload.headers)
    assert (status, b"FileAlreadyExists" in answer) == (409, True)


@pytest.mark.parametrize("key", KEYS)
def test_a_download_url_is_for_one_object_and_its_time(
    bucket: CosBucket, vendor: testing.Running, key: str
) -> None:
    bucket.put(key, BODY, "image/jpeg")
    url = bucket.presign_get(key, None, now_ms(), now_ms() + 60_000)

    assert sent("GET", url) == (200, BODY)
    assert sent("PUT", url, BODY)[0] == 403
    assert sent("GET", url.replace("?", "x?", 1))[0] == 403
    vendor.skew(61)
    assert sent("GET", url)[0] == 403


def test_the_buckets_own_domain_is_signed_for(
    vendor: testing.Running, role: VendorKey, bucket: CosBucket
) -> None:
    own = CosBucket(NAME, REGION, "", lambda: role)
    upload = upload_of(own, KEYS[1])

    assert upload.url.startswith(f"https://{HOST}/uploads/ver%2001/im%2Bage/a%26b%3Dc%252F?q-")
    assert sent("PUT", upload.url, BODY, upload.headers, host=vendor.endpoint)[0] == 200
    assert bucket.open(KEYS[1]).size == 10
    url = own.presign_get(KEYS[1], None, now_ms(), now_ms() + 60_000)
    assert sent("GET", url, host=vendor.endpoint) == (200, BODY)


def test_a_custom_domain_is_an_endpoint_too(vendor: testing.Running, role: VendorKey) -> None:
    custom = CosBucket(NAME, REGION, f"{vendor.url}/", lambda: role)
    upload = upload_of(custom)

    assert upload.url.startswith(f"{vendor.url}/{KEY}?")
    assert sent("PUT", upload.url, BODY, upload.headers)[0] == 200
    assert custom.open(KEY).size == 10


def test_a_new_key_signs_the_next_request(vendor: testing.Running, role: VendorKey) -> None:
    keys = [role]
    bucket = CosBucket(NAME, REGION, f"{vendor.url}/cos/{HOST}", lambda: keys[-1])
    bucket.put(KEY, BODY, "image/jpeg")
    keys.append(VendorKey(vendor.secret_id, vendor.secret_key))

    assert "security-token" not in upload_of(bucket).url
    assert vendor.secret_id in upload_of(bucket).url
    assert bucket.open(KEY).size == 10
    keys.append(VendorKey(vendor.secret_id, "another"))
    with pytest.raises(CosRefused):
        bucket.open(KEY)
