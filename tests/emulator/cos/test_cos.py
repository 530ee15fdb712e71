"""The storage side, against an independent signer."""

import base64
import hashlib
from typing import Any
from xml.etree import ElementTree

import pytest

from liveproof_emulator import testing
from liveproof_emulator.cos.store import Store, Stored
from tests.emulator.cos.signer import BUCKET, KEY, Presign, fields, presigner


@pytest.fixture
def presign(vendor: testing.Running) -> Presign:
    return presigner(vendor)


def code(reply: Any) -> str | None:
    return ElementTree.fromstring(reply.body).findtext("Code")  # noqa: S314


def test_a_file_is_put_seen_and_fetched(presign: Presign, web: Any) -> None:
    body = bytes(range(256)) * 300
    etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    put = web("PUT", presign("PUT"), body, {"Content-Type": "image/jpeg"})
    assert (put.status, put.headers["etag"], put.body) == (200, etag, b"")
    head = web("HEAD", presign("HEAD"))
    assert (head.status, head.headers["etag"], head.body) == (200, etag, b"")
    assert head.headers["content-length"] == str(len(body))
    got = web("GET", presign("GET"))
    assert (got.status, got.body) == (200, body)
    assert got.headers["content-type"] == "image/jpeg"


def test_bytes_are_kept_as_sent_whatever_their_encoding_is_called(
    presign: Presign, web: Any
) -> None:
    web("PUT", presign("PUT"), b"\x1f\x8bnot really", {"Content-Encoding": "gzip"})
    assert web("GET", presign("GET")).body == b"\x1f\x8bnot really"


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "127.0.0.1"},
        {"host": BUCKET},
        {"path": f"/cos/{BUCKET}/{KEY}"},
        {"headers": {"content-type": "image/jpeg"}},
        {"params": {"x-cos-meta": "a/b c"}},
    ],
    ids=["no-port", "bucket-host", "whole-path", "header", "parameter"],
)
def test_every_way_to_sign_a_path_style_url_is_accepted(
    presign: Presign, web: Any, changes: dict[str, Any]
) -> None:
    url = presign("PUT", **changes)
    assert web("PUT", url, b"x", {"Content-Type": "image/jpeg"}).status == 200


def test_a_virtual_hosted_request_and_a_header_signature_are_accepted(
    vendor: testing.Running, web: Any
) -> None:
    for method in ("PUT", "GET"):
        signed = fields(vendor.secret_id, vendor.secret_key, method, "/a b", {"host": BUCKET}, {})
        authorization = "&".join(f"{name}={value}" for name, value in signed.items())
        headers = {"Host": BUCKET, "Authorization": authorization}
        body = b"x" if method == "PUT" else None
        assert web(method, f"{vendor.url}/a%20b", body, headers).status == 200


@pytest.mark.parametrize(
    ("signed", "sent", "changes", "status", "expected"),
    [
        ("PUT", "GET", {}, 403, "SignatureDoesNotMatch"),
        ("GET", "PUT", {}, 403, "SignatureDoesNotMatch"),
        ("GET", "GET", {"secret_key": "wrong"}, 403, "SignatureDoesNotMatch"),
        ("GET", "GET", {"secret_id": "AKIDnobody"}, 403, "InvalidAccessKeyId"),
        ("GET", "GET", {"path": "/another"}, 403, "SignatureDoesNotMatch"),
        ("GET", "GET", {"host": "elsewhere"}, 403, "SignatureDoesNotMatch"),
        ("GET", "GET", {"lifetime": (-900, 0)}, 403, "AccessDenied"),
        ("GET", "GET", {"lifetime": (60, 900)}, 403, "AccessDenied"),
        ("PUT", "PUT", {"headers": {"content-md5": "x"}}, 403, "SignatureDoesNotMatch"),
        ("GET", "GET", {"bucket": "faceid-resource-sg-1254418846.cos.ap-singapore.myqcloud.com"},
         403, "AccessDenied"),
        ("GET", "GET", {"bucket": "nonsense"}, 404, "NoSuchBucket"),
        ("GET", "GET", {}, 404, "NoSuchKey"),
        ("POST", "POST", {}, 405, "MethodNotAllowed"),
    ],
)  # fmt: skip
def test_a_request_that_may_not_be_is_refused_in_xml(
    presign: Presign,
    web: Any,
    signed: str,
    sent: str,
    changes: dict[str, Any],
    status: int,
    expected: str,
) -> None:
    reply = web(sent, presign(signed, **changes), b"x" if sent == "PUT" else None)
    assert (reply.status, code(reply)) == (status, expected)
    assert reply.headers["content-type"] == "application/xml"


def test_a_changed_signature_or_an_added_signed_parameter_is_refused(
    presign: Presign, web: Any, vendor: testing.Running
) -> None:
    url = presign("GET")
    assert code(web("GET", url[:-1] + ("0" if url[-1] != "0" else "1"))) == "SignatureDoesNotMatch"
    longer = url.replace("q-sign-time=1", "q-sign-time=2")
    assert code(web("GET", longer)) == "SignatureDoesNotMatch"
    named = url.replace("q-url-param-list=", "q-url-param-list=versionid")
    assert code(web("GET", named)) == "SignatureDoesNotMatch"
    assert code(web("GET", f"{vendor.url}/cos/{BUCKET}/x")) == "AccessDenied"


def test_the_vendor_s_get_url_is_for_nothing_else(caller: Any, web: Any) -> None:
    urls = caller.new_urls()
    assert web("PUT", urls["ResourceUrl"], b"x").status == 403
    assert web("GET", urls["UploadUrl"]).status == 403
    assert web("HEAD", urls["ResourceUrl"]).status == 403
    assert code(web("GET", urls["ResourceUrl"])) == "NoSuchKey"


@pytest.mark.parametrize(
    ("md5", "status", "expected"),
    [
        (base64.b64encode(hashlib.md5(b"body", usedforsecurity=False).digest()).decode(), 200, ""),
        (base64.b64encode(hashlib.md5(b"x", usedforsecurity=False).digest()).decode(), 400,
         "BadDigest"),
        (hashlib.md5(b"body", usedforsecurity=False).hexdigest(), 400, "InvalidDigest"),
        ("*", 400, "InvalidDigest"),
    ],
)  # fmt: skip
def test_content_md5_is_proven(caller: Any, web: Any, md5: str, status: int, expected: str) -> None:
    urls = caller.new_urls()
    reply = web("PUT", urls["UploadUrl"], b"body", {"Content-MD5": md5})
    assert reply.status == status
    assert web("GET", urls["ResourceUrl"]).status == (200 if status == 200 else 404)
    if expected:
        assert code(reply) == expected


def test_an_object_can_be_kept_from_being_overwritten(presign: Presign, web: Any) -> None:
    once = {"x-cos-forbid-overwrite": "true"}
    assert web("PUT", presign("PUT", headers=once), b"1", once).status == 200
    again = web("PUT", presign("PUT", headers=once), b"2", once)
    assert (again.status, code(again)) == (409, "FileAlreadyExists")
    assert web("GET", presign("GET")).body == b"1"


def test_a_temporary_key_needs_its_token(
    presign: Presign, vendor: testing.Running, web: Any
) -> None:
    key = vendor.temporary
    changes = {"secret_id": key.secret_id, "secret_key": key.secret_key}
    token = {"x-cos-security-token": str(key.token)}
    assert web("PUT", presign("PUT", params=token, **changes), b"x").status == 200
    assert code(web("PUT", presign("PUT", **changes), b"x")) == "AccessDenied"


def test_a_body_over_the_cap_is_refused_with_an_answer(presign: Presign, web: Any) -> None:
    reply = web("PUT", presign("PUT"), bytes(64 * 2**20 + 1))
    assert (reply.status, code(reply)) == (400, "EntityTooLarge")


def test_an_own_object_stays(presign: Presign, vendor: testing.Running, web: Any) -> None:
    web("PUT", presign("PUT"), b"own")
    vendor.advance(7201)
    assert web("GET", presign("GET", lifetime=(-60, 9000))).body == b"own"


def test_an_object_with_a_life_is_gone_after_it() -> None:
    store = Store()
    store.put(BUCKET, KEY, Stored(b"x", "text/plain", created_at=0, expires_at=7200))
    assert store.get(BUCKET, KEY, 7199.9) is not None
    assert store.get(BUCKET, KEY, 7200) is None


def test_an_error_about_a_strange_key_is_still_xml(vendor: testing.Running, web: Any) -> None:
    reply = web("GET", f"{vendor.url}/cos/{BUCKET}/%00%ff%3Cx%3E%26")
    assert (reply.status, code(reply)) == (403, "AccessDenied")
