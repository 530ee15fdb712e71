"""HmacSHA1 and HmacSHA256: independent vectors, the SDK, what is refused."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from liveproof_emulator import testing
from liveproof_emulator.api import hmac_v1
from liveproof_emulator.catalogue import Catalogue

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
METHODS = ["HmacSHA1", "HmacSHA256"]


def sent(vendor: testing.Running, **changes: Any) -> dict[str, str]:
    """A signed CreateUploadUrl, written from the published description."""
    method = changes.pop("method", "POST")
    host = changes.pop("host", vendor.endpoint)
    key = changes.pop("key", vendor.secret_key)
    after = changes.pop("after", {})
    age = changes.pop("age", 0)
    values: dict[str, Any] = {
        "Action": "CreateUploadUrl",
        "Version": "2018-03-01",
        "Region": "ap-singapore",
        "Timestamp": int(time.time()) - age,
        "Nonce": 11886,
        "SecretId": vendor.secret_id,
        "SignatureMethod": "HmacSHA256",
        "TargetAction": "GenerateReflectSequence",
        **changes,
    }
    values = {name: str(value) for name, value in values.items() if value is not None}
    joined = "&".join(f"{name}={values[name]}" for name in sorted(values))
    digest = "sha256" if values.get("SignatureMethod") == "HmacSHA256" else "sha1"
    raw = hmac.digest(key.encode(), f"{method}{host}/?{joined}".encode(), digest)
    return {**values, "Signature": base64.b64encode(raw).decode(), **after}


def post(web: Any, vendor: testing.Running, values: dict[str, str]) -> dict[str, Any]:
    reply = web("POST", vendor.url, urlencode(values).encode(), FORM)
    response: dict[str, Any] = reply.json()["Response"]
    return response


def sdk(vendor: testing.Running, sign_method: str, **changes: Any) -> CommonClient:
    http = HttpProfile(protocol="http", endpoint=vendor.endpoint, reqTimeout=5,
                       reqMethod=changes.get("method", "POST"))  # fmt: skip
    profile = ClientProfile(signMethod=sign_method, httpProfile=http)
    key = Credential(
        changes.get("secret_id", vendor.secret_id),
        changes.get("secret_key", vendor.secret_key),
        changes.get("token"),
    )
    service, version = changes.get("service", "faceid"), changes.get("version", "2018-03-01")
    return CommonClient(service, version, key, changes.get("region", "ap-singapore"), profile)


@pytest.mark.parametrize("method", METHODS)
def test_the_signature_is_of_the_sorted_parameters(method: str) -> None:
    secret = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
    values = {
        "Action": "DescribeInstances",
        "InstanceIds.0": "ins-09dx96dg",
        "Nonce": "11886",
        "Region": "ap-guangzhou",
        "SecretId": "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
        "SignatureMethod": method,
        "Timestamp": "1465185768",
        "Version": "2017-03-12",
    }
    text = (
        "GETcvm.tencentcloudapi.com/?Action=DescribeInstances&InstanceIds.0=ins-09dx96dg"
        "&Nonce=11886&Region=ap-guangzhou&SecretId=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE"
        f"&SignatureMethod={method}&Timestamp=1465185768&Version=2017-03-12"
    )
    algorithm = hashlib.sha1 if method == "HmacSHA1" else hashlib.sha256
    independent = base64.b64encode(hmac.new(secret.encode(), text.encode(), algorithm).digest())
    computed = hmac_v1.sign("GET", "cvm.tencentcloudapi.com", values, secret)
    assert computed == independent.decode()


@pytest.mark.parametrize("sign_method", METHODS)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_sdk_s_older_signatures_are_accepted(
    vendor: testing.Running, sign_method: str, method: str
) -> None:
    client = sdk(vendor, sign_method, method=method)
    response = client.call_json("CreateUploadUrl", {"TargetAction": "VideoLivenessCompare"})
    assert "UploadUrl" in response["Response"]
    (entry,) = vendor.calls()
    assert (entry["action"], entry["region"]) == ("CreateUploadUrl", "ap-singapore")


def test_the_sdk_checks_a_small_photo_with_the_older_signature(vendor: testing.Running) -> None:
    client = sdk(vendor, "HmacSHA256", service="iai", version="2020-03-03")
    photo = base64.b64encode(testing.photo("photographed")).decode()
    assert client.call_json("DetectLiveFaceAccurate", {"Image": photo})["Response"]["Score"] == 12
    sent = {"ImageA": photo, "ImageB": photo, "QualityControl": 3}
    with pytest.raises(TencentCloudSDKException) as refusal:
        client.call_json("CompareFace", sent)
    assert "photographed" in refusal.value.message


def test_the_sdk_s_temporary_key_works_with_its_token(vendor: testing.Running) -> None:
    key = vendor.temporary
    changes = {"secret_id": key.secret_id, "secret_key": key.secret_key}
    parameters = {"TargetAction": "VideoLivenessCompare"}
    client = sdk(vendor, "HmacSHA1", **changes, token=key.token)
    assert "UploadUrl" in client.call_json("CreateUploadUrl", parameters)["Response"]
    with pytest.raises(TencentCloudSDKException) as refusal:
        sdk(vendor, "HmacSHA1", **changes, token="wrong").call_json("CreateUploadUrl", parameters)
    assert refusal.value.code == "AuthFailure.TokenFailure"


def test_the_sdk_learns_that_more_than_a_megabyte_needs_tc3(vendor: testing.Running) -> None:
    client = sdk(vendor, "HmacSHA256")
    with pytest.raises(TencentCloudSDKException) as refusal:
        client.call_json("CompareFaceLiveness", {"ImageBase64": "A" * 2**20})
    assert refusal.value.code == "AuthFailure.SignatureFailure"
    assert "TC3" in refusal.value.message


@pytest.mark.parametrize("action", Catalogue().actions)
def test_every_action_takes_the_older_signature(
    vendor: testing.Running, web: Any, action: str
) -> None:
    version = "2020-03-03" if action in ("CompareFace", "DetectLiveFaceAccurate") else "2018-03-01"
    response = post(web, vendor, sent(vendor, Action=action, Version=version, TargetAction=None))
    assert not response["Error"]["Code"].startswith("AuthFailure")
    assert vendor.calls()[0]["action"] == action


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"SignatureMethod": "HmacSHA1"},
        {"SignatureMethod": None},
        {"Token": ""},
        {"Language": "en-US", "RequestClient": "SDK_PYTHON_3.1.195"},
        {"host": "127.0.0.1"},
        {"age": 200},
    ],
    ids=["sha256", "sha1", "default-is-sha1", "empty-token", "sdk", "no-port", "old-but-valid"],
)
def test_a_form_that_is_signed_as_published_is_accepted(
    vendor: testing.Running, web: Any, changes: dict[str, Any]
) -> None:
    assert "UploadUrl" in post(web, vendor, sent(vendor, **changes))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key": "wrong"}, "AuthFailure.SignatureFailure"),
        ({"host": "faceid.tencentcloudapi.com"}, "AuthFailure.SignatureFailure"),
        ({"method": "GET"}, "AuthFailure.SignatureFailure"),
        ({"after": {"TargetAction": "VideoLivenessCompare"}}, "AuthFailure.SignatureFailure"),
        ({"after": {"Extra": "x"}}, "AuthFailure.SignatureFailure"),
        ({"after": {"Signature": "\u00e9"}}, "AuthFailure.SignatureFailure"),
        ({"SignatureMethod": "HmacMD5"}, "AuthFailure.SignatureFailure"),
        ({"SignatureMethod": "TC3-HMAC-SHA256"}, "AuthFailure.SignatureFailure"),
        ({"SecretId": "AKIDnobody"}, "AuthFailure.SecretIdNotFound"),
        ({"age": 400}, "AuthFailure.SignatureExpire"),
        ({"age": -400}, "AuthFailure.SignatureExpire"),
        ({"Timestamp": "soon"}, "InvalidParameter"),
        ({"Nonce": "-1"}, "InvalidParameter"),
        ({"Nonce": None}, "MissingParameter"),
        ({"SecretId": None}, "MissingParameter"),
        ({"Timestamp": None}, "MissingParameter"),
        ({"Version": None}, "MissingParameter"),
        ({"Action": None}, "MissingParameter"),
        ({"after": {"Signature": ""}}, "MissingParameter"),
        ({"Region": None}, "MissingParameter"),
        ({"Region": "ap-guangzhou"}, "UnsupportedRegion"),
        ({"Version": "2020-03-03"}, "NoSuchVersion"),
        ({"Action": "DescribeInstances"}, "InvalidAction"),
        ({"Extra": "x"}, "UnknownParameter"),
        ({"TargetAction": "Nothing"}, "InvalidParameterValue"),
    ],
)
def test_a_form_that_is_not_the_signed_one_is_refused(
    vendor: testing.Running, web: Any, changes: dict[str, Any], code: str
) -> None:
    assert post(web, vendor, sent(vendor, **changes))["Error"]["Code"] == code
    assert [(call["code"], call["billed"]) for call in vendor.calls()] == [(code, "no")]


def test_a_signed_query_is_accepted_up_to_32_kilobytes(vendor: testing.Running, web: Any) -> None:
    query = urlencode(sent(vendor, method="GET"), quote_via=quote)
    assert "UploadUrl" in web("GET", f"{vendor.url}/?{query}").json()["Response"]
    long = urlencode(sent(vendor, method="GET", Extra="x" * 32768))
    error = web("GET", f"{vendor.url}/?{long}").json()["Response"]["Error"]
    assert error["Code"] == "RequestSizeLimitExceeded"


def test_a_form_may_have_one_megabyte_and_not_a_byte_more(
    vendor: testing.Running, web: Any
) -> None:
    body = urlencode(sent(vendor)).encode()
    for size in (2**20, 2**20 + 1):
        reply = web("POST", vendor.url, body.ljust(size, b"&"), FORM).json()["Response"]
        if size == 2**20:
            assert "UploadUrl" in reply
        else:
            assert reply["Error"]["Code"] == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/form-data; boundary=x", ""]
)
@pytest.mark.parametrize("where", ["query", "body"])
def test_another_body_than_a_form_has_to_be_signed_by_tc3(
    vendor: testing.Running, web: Any, content_type: str, where: str
) -> None:
    values = sent(vendor)
    url, body = vendor.url, json.dumps(values).encode()
    if where == "query":
        url, body = f"{vendor.url}/?{urlencode(values)}", b"{}"
    headers = {"Content-Type": content_type} if content_type else {}
    error = web("POST", url, body, headers).json()["Response"]["Error"]
    assert (error["Code"], "TC3" in error["Message"]) == ("AuthFailure.InvalidAuthorization", True)


def test_numbers_in_a_form_are_read_as_numbers(vendor: testing.Running, web: Any) -> None:
    changes = {"Action": "CompareFace", "Version": "2020-03-03", "TargetAction": None}
    for value, code in (
        ("5", "InvalidParameterValue.QualityControlIllegal"),
        ("3", "InvalidParameterValue.ImageEmpty"),
        ("three", "InvalidParameter"),
    ):
        response = post(web, vendor, sent(vendor, **changes, QualityControl=value))
        assert response["Error"]["Code"] == code
