"""The Bucket port on COS, against the emulator's own verification of signatures."""

from __future__ import annotations

import base64
import hashlib
import http.client
import time
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import pytest

from emulator import testing
from liveproof.clouds.tencent.bucket import CosBucket, CosRefused
from liveproof.ports import ObjectMissing, PresignedUpload
from liveproof.secret_documents import VendorKey
from tests.clouds.tencent.conftest import NAME, REGION

BODY = b"0123456789"
MD5 = hashlib.md5(BODY, usedforsecurity=False).hexdigest()
MD5_BASE64 = base64.b64encode(bytes.fromhex(MD5)).decode()
KEY = "uploads/ver_01/image/abc"
KEYS = [KEY, "uploads/ver 01/im+age/a&b=c%2F", "uploads/größe/\U0001f600/~._-", "a//b/./c?d#e"]
HOST = f"{NAME}.cos.{REGION}.myqcloud.com"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


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
    given = {**({"Host": parts.netloc} if host else {}), **(headers or {})}
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body, given)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def upload_of(bucket: CosBucket, key: str = KEY, left_ms: int = 900_000) -> PresignedUpload:
    now = now_ms()
    return bucket.presign_put(key, MD5, len(BODY), "image/jpeg", now, now + left_ms)


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
    assert bucket.head(key).size == 10


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
    headers = {each: value for each, value in upload.headers.items() if each != name}
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
    url = bucket.presign_get(key, now_ms(), now_ms() + 60_000)

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
    assert bucket.head(KEYS[1]).size == 10
    url = own.presign_get(KEYS[1], now_ms(), now_ms() + 60_000)
    assert sent("GET", url, host=vendor.endpoint) == (200, BODY)


def test_a_custom_domain_is_an_endpoint_too(vendor: testing.Running, role: VendorKey) -> None:
    custom = CosBucket(NAME, REGION, f"{vendor.url}/", lambda: role)
    upload = upload_of(custom)

    assert upload.url.startswith(f"{vendor.url}/{KEY}?")
    assert sent("PUT", upload.url, BODY, upload.headers)[0] == 200
    assert custom.head(KEY).size == 10


def test_a_new_key_signs_the_next_request(vendor: testing.Running, role: VendorKey) -> None:
    keys = [role]
    bucket = CosBucket(NAME, REGION, f"{vendor.url}/cos/{HOST}", lambda: keys[-1])
    bucket.put(KEY, BODY, "image/jpeg")
    keys.append(VendorKey(vendor.secret_id, vendor.secret_key))

    assert "security-token" not in upload_of(bucket).url
    assert vendor.secret_id in upload_of(bucket).url
    assert bucket.head(KEY).size == 10
    keys.append(VendorKey(vendor.secret_id, "another"))
    with pytest.raises(CosRefused):
        bucket.open(KEY)


@pytest.mark.parametrize("key", KEYS)
def test_what_was_put_is_read_and_described(bucket: CosBucket, key: str) -> None:
    bucket.put(key, BODY, "image/jpeg")

    head = bucket.head(key)
    assert (head.size, head.etag) == (10, MD5)
    with bucket.open(key) as stream:
        assert stream.size == 10
        assert [stream.read(4) for _ in range(4)] == [b"0123", b"4567", b"89", b""]
    with bucket.open(key) as stream:
        assert stream.read(0) == b""
        assert stream.read(1) == b"0"
        assert stream.read() == b"123456789"
        assert stream.read() == b""


def test_an_own_object_may_be_put_again_and_may_be_empty(bucket: CosBucket) -> None:
    bucket.put(KEY, BODY, "image/jpeg")
    bucket.put(KEY, b"", "application/json")

    with bucket.open(KEY) as stream:
        assert (stream.size, stream.read()) == (0, b"")


def test_only_the_first_bytes_are_asked_for(bucket: CosBucket) -> None:
    bucket.put(KEY, BODY, "image/jpeg")

    with bucket.open(KEY, first_bytes=4) as stream:
        assert (stream.size, stream.read()) == (4, b"0123")
    with bucket.open(KEY, first_bytes=400) as stream:
        assert (stream.size, stream.read()) == (10, BODY)


def test_bytes_come_as_stored_whatever_encoding_the_uploader_called_them(
    bucket: CosBucket,
) -> None:
    upload = upload_of(bucket)
    headers = {**upload.headers, "Content-Encoding": "gzip"}
    assert sent("PUT", upload.url, BODY, headers)[0] == 200

    with bucket.open(KEY) as stream:
        assert stream.read() == BODY


def test_an_object_that_is_not_there_is_missing(bucket: CosBucket) -> None:
    with pytest.raises(ObjectMissing):
        bucket.head("nothing")
    with pytest.raises(ObjectMissing):
        bucket.open("nothing")


@pytest.mark.parametrize(
    "ask",
    [
        lambda bucket: bucket.head(KEY),
        lambda bucket: bucket.open(KEY),
        lambda bucket: bucket.put(KEY, BODY, "image/jpeg"),
    ],
)
def test_any_other_refusal_is_told_by_status_and_code_only(
    vendor: testing.Running, ask: Callable[[CosBucket], object]
) -> None:
    wrong = VendorKey(vendor.temporary.secret_id, "canary", vendor.temporary.token)
    bucket = CosBucket(NAME, REGION, f"{vendor.url}/cos/{HOST}", lambda: wrong)

    with pytest.raises(CosRefused) as caught:
        ask(bucket)
    assert caught.value.status == 403
    assert caught.value.code in ("SignatureDoesNotMatch", None)
    for secret in ("canary", KEY, vendor.url, HOST, vendor.temporary.secret_id):
        assert secret not in str(caught.value)


def test_a_missing_bucket_is_not_taken_for_a_missing_object(
    vendor: testing.Running, role: VendorKey
) -> None:
    bucket = CosBucket("no-bucket", REGION, f"{vendor.url}/cos/nothing", lambda: role)

    with pytest.raises(CosRefused, match="404 NoSuchBucket to GET"):
        bucket.open(KEY)


def test_a_slow_down_is_asked_through_and_told_if_it_stays(
    bucket: CosBucket, vendor: testing.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveproof.clouds.tencent.bucket._PAUSES_SECONDS", (0.01, 0.01))
    vendor.fault("PutObject", "rate-limited-always", 2)
    bucket.put(KEY, BODY, "image/jpeg")
    vendor.fault("GetObject", "rate-limited-always", 2)
    with bucket.open(KEY) as stream:
        assert stream.read() == BODY
    vendor.fault("GetObject", "rate-limited-always", 3)

    with pytest.raises(CosRefused, match="503 SlowDown to GET"):
        bucket.open(KEY)
    with bucket.open(KEY) as stream:
        assert stream.read() == BODY


def test_a_roles_permissions_are_enough_for_what_a_function_does(vendor: testing.Running) -> None:
    issued = vendor.issue_key(
        [("cos:PutObject", f"{HOST}/evidence/*"), ("cos:GetObject", f"{HOST}/uploads/*")]
    )
    key = VendorKey(issued.secret_id, issued.secret_key, issued.token)
    bucket = CosBucket(NAME, REGION, f"{vendor.url}/cos/{HOST}", lambda: key)
    bucket.put("evidence/one.jpg", BODY, "image/jpeg")

    with pytest.raises(ObjectMissing):
        bucket.open("uploads/one.jpg")
    with pytest.raises(CosRefused, match="403 AccessDenied to GET"):
        bucket.open("evidence/one.jpg")
