"""An unsigned x-cos-copy-source turns an upload into a copy."""

import base64
import hashlib
from typing import Any

import pytest

from liveproof_emulator import testing
from tests.emulator.cos.signer import BUCKET, Presign, code, encoded, presigner

SOURCE = "evidence/a b"
NAME = f"{BUCKET}/{encoded(SOURCE)}"
BODY = b"the declared bytes"
MD5 = base64.b64encode(hashlib.md5(BODY, usedforsecurity=False).digest()).decode()


@pytest.fixture
def presign(vendor: testing.Running) -> Presign:
    return presigner(vendor)


def by(key: Any) -> dict[str, str]:
    return {"secret_id": key.secret_id, "secret_key": key.secret_key}


def test_a_copy_has_the_source_s_bytes_type_and_metadata(presign: Presign, web: Any) -> None:
    kept = {"Content-Type": "image/png", "x-cos-meta-who": "me"}
    etag = web("PUT", presign("PUT", key=SOURCE), b"source", kept).headers["etag"]
    reply = web("PUT", presign("PUT"), None, {"x-cos-copy-source": NAME})
    assert reply.status == 200
    assert b"<CopyObjectResult><ETag>" in reply.body
    got = web("GET", presign("GET"))
    assert (got.body, got.headers["etag"], got.headers["content-type"]) == (
        b"source", etag, "image/png",
    )  # fmt: skip
    assert got.headers["x-cos-meta-who"] == "me"
    fresh = {"x-cos-copy-source": NAME, "x-cos-metadata-directive": "Replaced"}
    web("PUT", presign("PUT"), None, {**fresh, "Content-Type": "text/plain"})
    again = web("GET", presign("GET")).headers
    assert (again["content-type"], "x-cos-meta-who" in again) == ("text/plain", False)


def test_a_role_that_may_only_put_copies_what_is_public_and_nothing_else(
    vendor: testing.Running, presign: Presign, web: Any
) -> None:
    key = vendor.issue_key([("cos:PutObject", f"{BUCKET}/uploads/*")])
    sent = {"x-cos-copy-source": NAME, "x-cos-security-token": str(key.token), "Content-MD5": MD5}
    url = presign("PUT", headers={"content-md5": MD5}, **by(key))
    web("PUT", presign("PUT", key=SOURCE), b"secret")
    refused = web("PUT", url, BODY, sent)
    assert (refused.status, code(refused)) == (403, "AccessDenied")
    assert web("HEAD", presign("HEAD")).status == 404
    web("PUT", presign("PUT", key=SOURCE), b"public", {"x-cos-acl": "public-read"})
    assert web("PUT", url, BODY, sent).status == 200
    # The declared bytes were sent, and others are stored.
    assert web("GET", presign("GET")).body == b"public"


def test_behaviour_that_only_an_account_can_confirm_is_a_switch(
    vendor: testing.Running, presign: Presign, web: Any
) -> None:
    web("PUT", presign("PUT", key=SOURCE), b"source")
    control = f"{vendor.url}/_emulator/buckets"
    for copies, status in ((False, 400), (True, 200)):
        body = f'{{"bucket": "{BUCKET}", "copies_with_body": {str(copies).lower()}}}'.encode()
        assert web("POST", control, body).json()[BUCKET]["copies_with_body"] is copies
        reply = web("PUT", presign("PUT"), BODY, {"x-cos-copy-source": NAME})
        assert reply.status == status
    assert web("PUT", presign("PUT"), None, {"x-cos-copy-source": NAME}).status == 200
    for wrong in ({"bucket": "x"}, {"bucket": BUCKET}, {"bucket": BUCKET, "copies_with_body": 1}):
        assert web("POST", control, str(wrong).replace("'", '"').encode()).status == 400


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"x-cos-copy-source": f"{BUCKET}/absent"}, 404),
        ({"x-cos-copy-source": "nowhere/a"}, 400),
        ({"x-cos-copy-source": BUCKET}, 400),
        ({"x-cos-copy-source": NAME, "x-cos-copy-source-If-Match": '"other"'}, 412),
        ({"x-cos-copy-source": NAME, "x-cos-forbid-overwrite": "true"}, 409),
        ({"x-cos-copy-source": NAME}, 200),
    ],
)
def test_a_copy_that_cannot_be_is_refused(
    presign: Presign, web: Any, sent: dict[str, str], status: int
) -> None:
    web("PUT", presign("PUT", key=SOURCE), b"source")
    web("PUT", presign("PUT"), b"old")
    assert web("PUT", presign("PUT"), None, sent).status == status
    assert web("GET", presign("GET")).body == (b"source" if status == 200 else b"old")


def test_an_unreadable_object_cannot_be_copied(presign: Presign, web: Any) -> None:
    web("PUT", presign("PUT", key=SOURCE), b"source", {"x-cos-storage-class": "ARCHIVE"})
    reply = web("PUT", presign("PUT"), None, {"x-cos-copy-source": NAME})
    assert (reply.status, code(reply)) == (403, "InvalidObjectState")
