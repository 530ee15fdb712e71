"""What the API gateway checks before an action sees the call."""

import json
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest

from liveproof_emulator import testing

VALID = {"TargetAction": "DetectReflectLivenessAndCompare"}
MD5 = "d41d8cd98f00b204e9800998ecf8427e"
REFLECT = {"LiveDataUrl": "u", "LiveDataMd5": MD5, "ImageUrl": "u", "ImageMd5": MD5}
ANOTHER = "DetectReflectLivenessAndCompare"


@pytest.mark.parametrize(
    ("action", "parameters", "headers", "code"),
    [
        ("CreateUploadUrl", VALID, {"X-TC-Action": ""}, "MissingParameter"),
        ("CreateUploadUrl", VALID, {"X-TC-Version": ""}, "MissingParameter"),
        ("CreateUploadUrl", VALID, {"X-TC-Region": ""}, "MissingParameter"),
        ("CreateUploadUrl", VALID, {"X-TC-Version": "2020-03-03"}, "NoSuchVersion"),
        ("CreateUploadUrl", VALID, {"X-TC-Region": "ap-guangzhou"}, "UnsupportedRegion"),
        ("DescribeInstances", VALID, {}, "InvalidAction"),
        ("CreateUploadUrl", {}, {}, "MissingParameter"),
        ("CreateUploadUrl", {"TargetAction": None}, {}, "MissingParameter"),
        ("CreateUploadUrl", {"TargetAction": 1}, {}, "InvalidParameter"),
        ("CreateUploadUrl", {"TargetAction": "Nothing"}, {}, "InvalidParameterValue"),
        ("CreateUploadUrl", {**VALID, "Extra": 1}, {}, "UnknownParameter"),
        ("CreateUploadUrl", [VALID], {}, "InvalidParameter"),
        (ANOTHER, {**REFLECT, "ImageMd5": "short"}, {}, "InvalidParameterValue"),
        (ANOTHER, {**REFLECT, "ImageUrl": ""}, {}, "MissingParameter"),
        (ANOTHER, {**REFLECT, "LiveDataUrl": ["u"]}, {}, "InvalidParameter"),
    ],
)
def test_a_wrong_call_is_refused_by_its_code_and_written_down(
    caller: Any,
    vendor: testing.Running,
    action: str,
    parameters: object,
    headers: dict[str, str],
    code: str,
) -> None:
    reply = caller.call(action, parameters, extra=headers)
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    response = reply.json()["Response"]
    assert set(response) == {"Error", "RequestId"}
    assert response["Error"]["Code"] == code
    assert response["Error"]["Message"]
    assert str(uuid.UUID(response["RequestId"])) == response["RequestId"]
    (entry,) = vendor.calls()
    assert entry["request_id"] == response["RequestId"]
    assert (entry["code"], entry["executed"], entry["billed"]) == (code, False, "no")


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"null", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(caller: Any, raw: bytes) -> None:
    response = caller.response("CreateUploadUrl", None, raw=raw)
    assert response["Error"]["Code"] == "InvalidParameter"


@pytest.mark.parametrize(
    ("size", "code"),
    [(10 * 2**20, "InvalidParameter"), (10 * 2**20 + 1, "RequestSizeLimitExceeded")],
)
def test_the_body_cap_is_ten_megabytes(caller: Any, size: int, code: str) -> None:
    response = caller.response("CreateUploadUrl", None, raw=b" " * size)
    assert response["Error"]["Code"] == code


def test_a_call_without_authorization_is_refused(vendor: testing.Running, web: Any) -> None:
    headers = {
        "X-TC-Action": "CreateUploadUrl",
        "X-TC-Version": "2018-03-01",
        "X-TC-Timestamp": "1",
    }
    reply = web("POST", vendor.url, b"{}", headers)
    assert reply.json()["Response"]["Error"]["Code"] == "AuthFailure.InvalidAuthorization"


def test_other_methods_are_refused(vendor: testing.Running, web: Any) -> None:
    reply = web("DELETE", vendor.url)
    assert reply.json()["Response"]["Error"]["Code"] == "UnsupportedProtocol"


def test_a_signed_get_is_served(caller: Any) -> None:
    assert "UploadUrl" in caller.get("CreateUploadUrl", urlencode(VALID))
    refused = caller.get("CreateUploadUrl", urlencode({**VALID, "Extra": "x"}))
    assert refused["Error"]["Code"] == "UnknownParameter"
    refused = caller.get("CreateUploadUrl", "x" * 32769)
    assert refused["Error"]["Code"] == "RequestSizeLimitExceeded"


@pytest.mark.parametrize(
    ("action", "parameters", "limit"), [("CreateUploadUrl", VALID, 20), (ANOTHER, REFLECT, 5)]
)
def test_the_documented_rate_holds_per_region_and_key(
    caller: Any, vendor: testing.Running, action: str, parameters: object, limit: int
) -> None:
    def code(**changes: Any) -> str:
        response = caller.response(action, parameters, **changes)
        return str(response.get("Error", {}).get("Code", response.get("Result", "")))

    codes = [code() for _ in range(limit + 1)]
    assert codes.count("RequestLimitExceeded") == 1
    assert codes[-1] == "RequestLimitExceeded"
    assert code(extra={"X-TC-Region": "ap-hongkong"}) != "RequestLimitExceeded"
    key = vendor.temporary
    temporary = {"secret_id": key.secret_id, "secret_key": key.secret_key}
    assert code(**temporary, extra={"X-TC-Token": key.token}) != "RequestLimitExceeded"
    vendor.advance(1)
    assert code() != "RequestLimitExceeded"


def test_the_limit_can_be_raised_for_benchmarks(caller: Any) -> None:
    with testing.start(calls_per_second={"CreateUploadUrl": 100}) as fast:
        caller.vendor = fast
        responses = [caller.new_urls() for _ in range(30)]
    assert all("UploadUrl" in response for response in responses)


def test_another_limit_than_a_known_action_s_is_refused() -> None:
    with pytest.raises(ValueError, match="Nothing=1"):
        testing.start(calls_per_second={"Nothing": 1})


def test_hostile_text_in_parameters_and_headers_gets_a_plain_answer(
    caller: Any, vendor: testing.Running
) -> None:
    hostile = {**REFLECT, "ImageUrl": "http://x/\ud800%41", "LiveDataUrl": "http://[::1"}
    assert caller.response(ANOTHER, hostile)["Result"] == "FailedOperation.DownLoadError"
    caller.response('<script>"', {})
    entry = vendor.calls()[-1]
    assert entry["action"] == ""
    assert json.dumps(vendor.calls())
