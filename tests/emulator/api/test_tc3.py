"""TC3-HMAC-SHA256: the published examples, and what is refused."""

from typing import Any

import pytest

from liveproof_emulator import testing
from liveproof_emulator.api import tc3
from liveproof_emulator.api.request import RawRequest
from liveproof_emulator.errors import ApiError

BODY = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
HEADERS = {
    "content-type": "application/json; charset=utf-8",
    "host": "cvm.tencentcloudapi.com",
    "x-tc-action": "DescribeInstances",
    "x-tc-timestamp": "1551113065",
}


@pytest.mark.parametrize(
    ("secret_key", "names", "signature"),
    [
        (
            "Gu5t9xGARNpq86cd98joQYCN3*******",
            ["content-type", "host"],
            "2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c",
        ),
        (
            "*" * 32,
            ["content-type", "host", "x-tc-action"],
            "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f",
        ),
    ],
)
def test_the_published_examples_give_the_published_signatures(
    secret_key: str, names: list[str], signature: str
) -> None:
    arrived = RawRequest("POST", "", HEADERS, BODY)
    signed = tc3.sign(arrived, secret_key, "2019-02-25", "cvm", names, HEADERS["host"])
    assert signed == signature


@pytest.mark.parametrize(
    "header",
    [
        "",
        "SKIP",
        "Bearer token",
        "TC3-HMAC-SHA256 Credential=id/2026-11-20/faceid/tc3_request",
        "TC3-HMAC-SHA256 Credential=id/20261120/faceid/tc3_request, "
        f"SignedHeaders=content-type;host, Signature={'0' * 64}",
        "TC3-HMAC-SHA256 Credential=id/2026-11-20/faceid/tc3_request, "
        f"SignedHeaders=content-type, Signature={'0' * 64}",
        "TC3-HMAC-SHA256 Credential=id/2026-11-20/faceid/tc3_request, "
        "SignedHeaders=content-type;host, Signature=0",
        "TC3-HMAC-SHA256 Credential=id/2026-11-20/faceid/aws4_request, "
        f"SignedHeaders=content-type;host, Signature={'0' * 64}",
    ],
)
def test_a_malformed_authorization_has_its_own_code(header: str) -> None:
    with pytest.raises(ApiError) as refusal:
        tc3.parse(header)
    assert refusal.value.code == "AuthFailure.InvalidAuthorization"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"canonical_host": "127.0.0.1"},
        {"canonical_host": "127.0.0.1", "service": "127"},
        {"content_type": "application/json; charset=utf-8"},
        {"names": ["content-type", "host", "x-tc-action", "x-tc-timestamp"]},
        {"payload": b"UNSIGNED-PAYLOAD", "extra": {"X-TC-Content-SHA256": "UNSIGNED-PAYLOAD"}},
        {"age": 200},
    ],
    ids=["python", "no-port", "node", "java", "more-headers", "unsigned-payload", "old-but-valid"],
)
def test_the_ways_in_which_sdks_sign_are_accepted(caller: Any, changes: dict[str, Any]) -> None:
    response = caller.response(
        "CreateUploadUrl", {"TargetAction": "VideoLivenessCompare"}, **changes
    )
    assert "UploadUrl" in response


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret_id": "AKIDnobody"}, "AuthFailure.SecretIdNotFound"),
        ({"secret_key": "wrong"}, "AuthFailure.SignatureFailure"),
        ({"service": "iai"}, "AuthFailure.SignatureFailure"),
        ({"payload": b"{}"}, "AuthFailure.SignatureFailure"),
        ({"payload": b"UNSIGNED-PAYLOAD"}, "AuthFailure.SignatureFailure"),
        ({"canonical_host": "faceid.intl.tencentcloudapi.com"}, "AuthFailure.SignatureFailure"),
        ({"date": "2019-02-25"}, "AuthFailure.SignatureFailure"),
        ({"age": 400}, "AuthFailure.SignatureExpire"),
        ({"age": -400}, "AuthFailure.SignatureExpire"),
        ({"timestamp": 1551113065}, "AuthFailure.SignatureExpire"),
    ],
)
def test_a_request_that_is_not_the_signed_one_is_refused(
    caller: Any, vendor: testing.Running, changes: dict[str, Any], code: str
) -> None:
    response = caller.response("CreateUploadUrl", {"TargetAction": "x"}, **changes)
    assert response["Error"]["Code"] == code
    assert [(call["code"], call["billed"]) for call in vendor.calls()] == [(code, "no")]


def test_a_vendor_whose_clock_is_apart_refuses_and_recovers(
    caller: Any, vendor: testing.Running
) -> None:
    vendor.skew(400)
    assert caller.new_urls()["Error"]["Code"] == "AuthFailure.SignatureExpire"
    vendor.skew(0)
    assert "UploadUrl" in caller.new_urls()


@pytest.mark.parametrize(("token", "accepted"), [("right", True), ("wrong", False), ("", False)])
def test_a_temporary_key_needs_its_token(
    caller: Any, vendor: testing.Running, token: str, accepted: bool
) -> None:
    key = vendor.temporary
    sent = key.token if token == "right" else token
    response = caller.response(
        "CreateUploadUrl",
        {"TargetAction": "VideoLivenessCompare"},
        secret_id=key.secret_id,
        secret_key=key.secret_key,
        extra={"X-TC-Token": sent},
    )
    if accepted:
        assert "UploadUrl" in response
    else:
        assert response["Error"]["Code"] == "AuthFailure.TokenFailure"
