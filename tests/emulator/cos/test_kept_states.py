"""What the holder of an upload URL may add unsigned: storage class, key, ACL, encoding."""

import base64
import gzip
import hashlib
from typing import Any

import pytest

from liveproof_emulator import testing
from tests.emulator.cos.signer import Presign, code, presigner

KEY_BYTES = bytes(range(32))


@pytest.fixture
def presign(vendor: testing.Running) -> Presign:
    return presigner(vendor)


def customer_key(own: bytes = KEY_BYTES, changes: dict[str, str] | None = None) -> dict[str, str]:
    digest = hashlib.md5(own, usedforsecurity=False).digest()
    prefix = "x-cos-server-side-encryption-customer-"
    whole = {
        "algorithm": "AES256",
        "key": base64.b64encode(own).decode(),
        "key-MD5": base64.b64encode(digest).decode(),
        **(changes or {}),
    }
    return {prefix + name: value for name, value in whole.items()}


@pytest.mark.parametrize("storage_class", ["ARCHIVE", "DEEP_ARCHIVE"])
def test_an_archived_object_is_seen_and_cannot_be_read(
    presign: Presign, web: Any, storage_class: str
) -> None:
    sent = {"x-cos-storage-class": storage_class}
    assert web("PUT", presign("PUT"), b"x", sent).status == 200
    head = web("HEAD", presign("HEAD"))
    assert (head.status, head.headers["x-cos-storage-class"]) == (200, storage_class)
    got = web("GET", presign("GET"))
    assert (got.status, code(got)) == (403, "InvalidObjectState")
    listed = web("GET", presign("GET", key="")).body
    assert f"<StorageClass>{storage_class}</StorageClass>".encode() in listed


def test_other_storage_classes_are_read_and_unknown_ones_refused(
    presign: Presign, web: Any
) -> None:
    sent = {"x-cos-storage-class": "STANDARD_IA"}
    assert web("PUT", presign("PUT"), b"x", sent).status == 200
    assert web("GET", presign("GET")).headers["x-cos-storage-class"] == "STANDARD_IA"
    assert web("PUT", presign("PUT"), b"x").status == 200
    assert "x-cos-storage-class" not in web("GET", presign("GET")).headers
    refused = web("PUT", presign("PUT"), b"x", {"x-cos-storage-class": "GLACIER"})
    assert (refused.status, code(refused)) == (400, "InvalidArgument")


def test_an_object_under_the_customer_s_key_is_read_with_that_key_only(
    presign: Presign, web: Any
) -> None:
    put = web("PUT", presign("PUT"), b"x", customer_key())
    assert put.status == 200
    assert put.headers["etag"] != f'"{hashlib.md5(b"x", usedforsecurity=False).hexdigest()}"'
    assert [web(method, presign(method)).status for method in ("HEAD", "GET")] == [400, 400]
    got = web("GET", presign("GET"), None, customer_key())
    assert (got.status, got.body, got.headers["etag"]) == (200, b"x", put.headers["etag"])
    assert web("HEAD", presign("HEAD"), None, customer_key()).status == 200
    assert web("GET", presign("GET"), None, customer_key(bytes(32))).status == 403


@pytest.mark.parametrize(
    "changes", [{"algorithm": "AES128"}, {"key": "c2hvcnQ="}, {"key-MD5": "c2hvcnQ="}, {"key": "?"}]
)
def test_half_a_key_is_refused(presign: Presign, web: Any, changes: dict[str, str]) -> None:
    assert web("PUT", presign("PUT"), b"x", customer_key(changes=changes)).status == 400
    assert web("PUT", presign("PUT"), b"x").status == 200
    assert web("GET", presign("GET"), None, customer_key()).status == 400  # it is under none


@pytest.mark.parametrize(
    ("sent", "readable"),
    [
        ({"x-cos-acl": "public-read"}, True),
        ({"x-cos-grant-read": 'id="qcs::cam::anyone:anyone"'}, True),
        ({"x-cos-acl": "private"}, False),
        ({"x-cos-grant-write": 'id="qcs::cam::anyone:anyone"'}, False),
        ({}, False),
    ],
)
def test_a_public_object_is_read_by_everybody(
    vendor: testing.Running, presign: Presign, web: Any, sent: dict[str, str], readable: bool
) -> None:
    assert web("PUT", presign("PUT"), b"x", sent).status == 200
    url = presign("GET").partition("?")[0]
    got = web("GET", url)
    assert (got.status == 200, got.body == b"x") == (readable, readable)
    assert web("PUT", url, b"y").status == 403
    assert web("PUT", presign("PUT"), b"x", {"x-cos-acl": "everybody"}).status == 400
    assert vendor.url


def test_a_content_encoding_is_kept_and_returned_and_a_signed_parameter_takes_its_place(
    presign: Presign, web: Any
) -> None:
    body = gzip.compress(b"photo")
    assert web("PUT", presign("PUT"), body, {"Content-Encoding": "gzip"}).status == 200
    got = web("GET", presign("GET"))
    assert (got.body, got.headers["content-encoding"]) == (body, "gzip")
    pinned = web("GET", presign("GET", params={"response-content-encoding": "identity"}))
    assert (pinned.body, pinned.headers["content-encoding"]) == (body, "identity")


def test_an_object_is_read_on_condition_of_its_etag_and_time(presign: Presign, web: Any) -> None:
    etag = web("PUT", presign("PUT"), b"x").headers["etag"]
    past, future = "Thu, 01 Jan 2015 00:00:00 GMT", "Thu, 01 Jan 2099 00:00:00 GMT"
    for sent, status in (
        ({"If-Match": etag}, 200),
        ({"If-Match": etag.strip('"')}, 200),
        ({"If-Match": f'"other", {etag}'}, 200),
        ({"If-Match": '"other"'}, 412),
        ({"If-Unmodified-Since": past}, 412),
        ({"If-Unmodified-Since": future}, 200),
        ({"If-None-Match": etag}, 304),
        ({"If-Modified-Since": future}, 304),
        ({"If-Modified-Since": past}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
    ):
        for method in ("GET", "HEAD"):
            reply = web(method, presign(method), None, sent)
            assert (reply.status, sent) == (status, sent)
