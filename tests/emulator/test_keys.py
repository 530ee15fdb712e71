"""Temporary keys that a control makes: their token, and what they may do."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from xml.etree import ElementTree

import pytest

from liveproof_emulator import testing
from liveproof_emulator.keys import Key, Permission
from tests.emulator.cos.signer import BUCKET, KEY, Presign, presigner

UPLOADS = [("cos:PutObject", f"{BUCKET}/uploads/*")]


@pytest.fixture
def presign(vendor: testing.Running) -> Presign:
    return presigner(vendor)


def code(reply: Any) -> str | None:
    return ElementTree.fromstring(reply.body).findtext("Code")  # noqa: S314


def by(key: Key, *, signed: bool = True, **changes: Any) -> dict[str, Any]:
    """What the signer needs to sign as this key, with its token among the signed parameters."""
    params = {"x-cos-security-token": key.token} if signed else {}
    return {
        "secret_id": key.secret_id, "secret_key": key.secret_key,
        "params": {**params, **changes.pop("params", {})}, **changes,
    }  # fmt: skip


def test_the_controls_answer_is_a_key_of_its_own(vendor: testing.Running, web: Any) -> None:
    url = f"{vendor.url}/_emulator/keys"
    made = [web("POST", url, b'{"permissions": []}').json() for _ in range(2)]
    assert all(set(key) == {"secret_id", "secret_key", "token"} for key in made)
    assert made[0]["secret_id"] != made[1]["secret_id"]
    assert vendor.secret_id not in {key["secret_id"] for key in made}


@pytest.mark.parametrize("where", ["signed parameter", "parameter", "header"])
def test_the_token_counts_wherever_it_comes(
    vendor: testing.Running, presign: Presign, web: Any, where: str
) -> None:
    key = vendor.issue_key(UPLOADS)
    url = presign("PUT", **by(key, signed=where == "signed parameter"))
    if where == "parameter":
        url += f"&x-cos-security-token={key.token}"
    headers = {"x-cos-security-token": str(key.token)} if where == "header" else {}
    assert web("PUT", url, b"x", headers).status == 200


@pytest.mark.parametrize("token", [None, "another"])
def test_without_its_token_a_key_is_refused(
    vendor: testing.Running, presign: Presign, web: Any, token: str | None
) -> None:
    url = presign("PUT", **by(vendor.issue_key(UPLOADS), signed=False))
    headers = {} if token is None else {"x-cos-security-token": token}
    reply = web("PUT", url, b"x", headers)
    assert (reply.status, code(reply)) == (403, "AccessDenied")


@pytest.mark.parametrize(
    ("permissions", "allowed"),
    [
        (None, True),
        ([], False),
        ([("cos:PutObject", "*")], True),
        ([("cos:*", f"{BUCKET}/*")], True),
        ([("cos:PutObject", f"{BUCKET}/{KEY}")], True),
        ([("cos:PutObject", f"{BUCKET}/uploads/*/live_data")], True),
        ([("cos:GetObject", f"{BUCKET}/*"), ("cos:PutObject", f"{BUCKET}/uploads/*")], True),
        ([("cos:GetObject", f"{BUCKET}/*")], False),
        ([("cos:PutObject", f"{BUCKET}/evidence/*")], False),
        ([("cos:PutObject", f"{BUCKET}/uploads/")], False),
        ([("cos:PutObject", f"{BUCKET}/upload.*")], False),
        ([("cos:PutObject", "other-1250000000.cos.ap-singapore.myqcloud.com/*")], False),
        ([("cos:PutObjectACL", f"{BUCKET}/*")], False),
        ([("faceid:*", "*")], False),
    ],
)
def test_a_put_is_allowed_by_action_bucket_and_key(
    vendor: testing.Running, presign: Presign, web: Any, permissions: Any, allowed: bool
) -> None:
    key = vendor.issue_key(permissions)
    reply = web("PUT", presign("PUT", **by(key)), b"x")
    assert reply.status == (200 if allowed else 403)
    assert allowed or code(reply) == "AccessDenied"
    assert web("HEAD", presign("HEAD")).status == (200 if allowed else 404)


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_each_operation_is_allowed_by_its_own_name(
    vendor: testing.Running, presign: Presign, web: Any, method: str
) -> None:
    web("PUT", presign("PUT"), b"x")
    operation = f"{method.capitalize()}Object"
    allowed = vendor.issue_key([(f"cos:{operation}", f"{BUCKET}/uploads/*")])
    others = {"GetObject", "HeadObject", "DeleteObject", "PutObject"} - {operation}
    refused = vendor.issue_key([(f"cos:{other}", f"{BUCKET}/*") for other in others])
    assert web(method, presign(method, **by(refused))).status == 403
    assert web(method, presign(method, **by(allowed))).status in (200, 204)


def test_a_list_is_allowed_by_its_prefix(
    vendor: testing.Running, presign: Presign, web: Any
) -> None:
    key = vendor.issue_key([("cos:GetBucket", f"{BUCKET}/uploads/*")])

    def listing(prefix: str) -> int:
        url = presign("GET", "", **by(key, params={"prefix": prefix}))
        status: int = web("GET", url).status
        return status

    assert (listing("uploads/"), listing("uploads/x"), listing("evidence/")) == (200, 200, 403)
    assert web("GET", presign("GET", "", **by(key))).status == 403


def test_a_wrong_signature_is_reported_before_a_missing_permission(
    vendor: testing.Running, presign: Presign, web: Any
) -> None:
    key = vendor.issue_key([])
    reply = web("PUT", presign("PUT", **{**by(key), "secret_key": "wrong"}), b"x")
    assert code(reply) == "SignatureDoesNotMatch"


def test_an_upload_that_may_not_overwrite_works_with_a_temporary_key(
    vendor: testing.Running, presign: Presign, web: Any
) -> None:
    body = b"the very bytes"
    digest = hashlib.md5(body, usedforsecurity=False).digest()
    headers = {
        "content-md5": base64.b64encode(digest).decode(),
        "content-length": str(len(body)),
        "content-type": "image/jpeg",
        "x-cos-forbid-overwrite": "true",
    }
    url = presign("PUT", headers=headers, **by(vendor.issue_key(UPLOADS)))
    assert web("PUT", url, b"the wrong byte", headers).status == 400
    assert web("PUT", url, body, {**headers, "content-type": "text/plain"}).status == 403
    without = {name: value for name, value in headers.items() if "overwrite" not in name}
    assert web("PUT", url, body, without).status == 403
    assert web("PUT", url, body, headers).status == 200
    again = web("PUT", url, body, headers)
    assert (again.status, code(again)) == (409, "FileAlreadyExists")


def test_the_vendor_fetches_files_by_urls_that_a_temporary_key_signed(
    vendor: testing.Running, presign: Presign, web: Any, caller: Any
) -> None:
    files = {"LiveData": testing.live_data(), "Image": testing.photo()}
    reader = vendor.issue_key([("cos:GetObject", f"{BUCKET}/uploads/*")])
    uploader = vendor.issue_key(UPLOADS)

    def compare(key: Key) -> Any:
        sent: dict[str, str] = {}
        for name, body in files.items():
            assert web("PUT", presign("PUT", f"uploads/{name}"), body).status == 200
            sent[f"{name}Url"] = presign("GET", f"uploads/{name}", **by(key))
            sent[f"{name}Md5"] = hashlib.md5(body, usedforsecurity=False).hexdigest()
        return caller.response("DetectReflectLivenessAndCompare", sent)

    assert compare(reader)["Result"] == "Success"
    assert compare(uploader)["Result"] == "FailedOperation.DownLoadError"
    resources = vendor.calls("DetectReflectLivenessAndCompare")[0]["resources"]
    assert resources == ["uploads/LiveData", "uploads/Image"]


@pytest.mark.parametrize(
    ("permissions", "refusal"),
    [
        (None, None),
        ([("faceid:CreateUploadUrl", "*")], None),
        ([("faceid:*", "*")], None),
        ([("faceid:GenerateReflectSequence", "*")], "UnauthorizedOperation"),
        ([("faceid:CreateUploadUrl", f"{BUCKET}/*")], "UnauthorizedOperation"),
        (UPLOADS, "UnauthorizedOperation"),
    ],
)
def test_the_api_is_allowed_by_product_and_action(
    vendor: testing.Running, caller: Any, permissions: Any, refusal: str | None
) -> None:
    key = vendor.issue_key(permissions)
    answer = caller.response(
        "CreateUploadUrl", {"TargetAction": "DetectReflectLivenessAndCompare"},
        secret_id=key.secret_id, secret_key=key.secret_key, extra={"X-TC-Token": str(key.token)},
    )  # fmt: skip
    assert answer.get("Error", {}).get("Code") == refusal
    assert ("UploadUrl" in answer) == (refusal is None)


def test_keys_stay_after_a_reset(vendor: testing.Running, presign: Presign, web: Any) -> None:
    key = vendor.issue_key(UPLOADS)
    vendor.reset()
    assert web("PUT", presign("PUT", **by(key)), b"x").status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"permission": []},
        {"permissions": "cos:PutObject"},
        {"permissions": ["cos:PutObject"]},
        {"permissions": [{"action": "cos:PutObject"}]},
        {"permissions": [{"action": "PutObject", "resource": "*"}]},
        {"permissions": [{"action": "cos:PutObject", "resource": ""}]},
        {"permissions": [{"action": "cos:PutObject", "resource": "*", "effect": "deny"}]},
    ],
)
def test_a_wrong_body_makes_no_key(vendor: testing.Running, web: Any, body: object) -> None:
    reply = web("POST", f"{vendor.url}/_emulator/keys", json.dumps(body).encode())
    assert reply.status == 400
    assert reply.json()["error"]


def test_a_pattern_is_no_regular_expression() -> None:
    assert not Permission("cos:PutObject", "a.c/*").allows("cos:PutObject", "abc/x")
    assert Permission("cos:PutObject", "a.c/*").allows("cos:PutObject", "a.c/x\ny")


def test_a_key_that_is_switched_off_is_nobodys_until_it_is_on_again(
    vendor: testing.Running, presign: Presign, web: Any
) -> None:
    key = vendor.issue_key(UPLOADS)
    url = presign("PUT", **by(key))
    vendor.disable_keys(key.secret_id)
    try:
        assert web("PUT", url, b"x").status == 403
    finally:
        vendor.disable_keys()
    assert web("PUT", url, b"x").status == 200
