"""The Bucket port on COS, against the emulator."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from liveproof.clouds.tencent.bucket import CosBucket, CosRefused, CosTimeouts
from liveproof.domain.verification import Proof
from liveproof.ports import ObjectMissing, ObjectReplaced
from liveproof.secret_documents import VendorKey
from liveproof_emulator import testing
from tests.clouds.tencent.conftest import NAME, REGION
from tests.clouds.tencent.uploader import (
    BODY,
    HOST,
    KEY,
    KEYS,
    MD5,
    sent,
    upload_of,
)


@pytest.mark.parametrize("key", KEYS)
def test_a_stored_object_is_read_and_described(bucket: CosBucket, key: str) -> None:
    bucket.put(key, BODY, "image/jpeg")

    with bucket.open(key) as stream:
        assert (stream.size, stream.etag) == (10, MD5)
        assert (stream.version, stream.content_encoding) == (None, None)
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


def test_only_the_proven_object_is_opened_again_or_found_for_the_vendor(bucket: CosBucket) -> None:
    bucket.put(KEY, BODY, "image/jpeg")
    proof = Proof(sha256="0" * 64, etag=MD5)
    bucket.require(KEY, proof)
    with bucket.open(KEY, proof) as stream:
        assert stream.read() == BODY
    bucket.put(KEY, BODY[::-1], "image/jpeg")

    with pytest.raises(ObjectReplaced):
        bucket.open(KEY, proof)
    with pytest.raises(ObjectReplaced):
        bucket.require(KEY, proof)
    with bucket.open(KEY, Proof(sha256="0" * 64, etag="")) as stream:
        assert stream.read() == BODY[::-1]


def test_bytes_come_as_stored_whatever_encoding_the_uploader_called_them(
    bucket: CosBucket,
) -> None:
    upload = upload_of(bucket)
    headers = {**upload.headers, "Content-Encoding": "gzip"}
    assert sent("PUT", upload.url, BODY, headers)[0] == 200

    with bucket.open(KEY) as stream:
        assert (stream.content_encoding, stream.read()) == ("gzip", BODY)
    with pytest.raises(ObjectReplaced):
        bucket.require(KEY, Proof(sha256="0" * 64, etag=MD5))


def test_an_object_that_is_not_there_is_missing(bucket: CosBucket) -> None:
    with pytest.raises(ObjectMissing):
        bucket.require("nothing", None)
    with pytest.raises(ObjectMissing):
        bucket.open("nothing")


@pytest.mark.parametrize(
    "ask",
    [
        lambda bucket: bucket.require(KEY, None),
        lambda bucket: bucket.open(KEY),
        lambda bucket: bucket.put(KEY, BODY, "image/jpeg"),
    ],
)
def test_any_other_refusal_names_its_status_and_code_only(
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


def test_a_slow_down_is_retried_and_raised_if_it_stays(
    vendor: testing.Running, role: VendorKey
) -> None:
    timeouts = CosTimeouts(pauses=(0.01, 0.01))
    bucket = CosBucket(NAME, REGION, f"{vendor.url}/cos/{HOST}", lambda: role, timeouts)
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


@pytest.mark.parametrize("actions", [("GetObject", "HeadObject"), ("GetObject",)])
def test_a_url_for_the_vendor_needs_the_permission_to_look_at_the_object(
    bucket: CosBucket, vendor: testing.Running, actions: tuple[str, ...]
) -> None:
    bucket.put(KEY, BODY, "image/jpeg")
    issued = vendor.issue_key([(f"cos:{action}", f"{HOST}/uploads/*") for action in actions])
    key = VendorKey(issued.secret_id, issued.secret_key, issued.token)
    narrow = CosBucket(NAME, REGION, f"{vendor.url}/cos/{HOST}", lambda: key)

    if "HeadObject" in actions:
        narrow.require(KEY, Proof(sha256="0" * 64, etag=MD5))
    else:
        with pytest.raises(CosRefused, match="403 without a code to HEAD"):
            narrow.require(KEY, Proof(sha256="0" * 64, etag=MD5))
