"""The vendor's own SDK against the emulator: what it makes of every kind of answer."""

import hashlib
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from requests.exceptions import ChunkedEncodingError
from tencentcloud.common.common_client import (
    CommonClient,
)
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import (
    TencentCloudSDKException,
)
from tencentcloud.common.profile.client_profile import (
    ClientProfile,
)
from tencentcloud.common.profile.http_profile import HttpProfile

from liveproof_emulator import testing

# The SDK still calls datetime.utcfromtimestamp.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp")

ACTION = "DetectReflectLivenessAndCompare"


class Sdk:
    """A client as an application builds it, and a whole check."""

    def __init__(self, vendor: testing.Running, **changes: Any) -> None:
        http_profile = HttpProfile(
            protocol="http",
            endpoint=vendor.endpoint,
            reqTimeout=1,
            reqMethod=changes.get("method", "POST"),
        )
        profile = ClientProfile(httpProfile=http_profile)
        profile.unsignedPayload = changes.get("unsigned", False)
        credential = Credential(
            changes.get("secret_id", vendor.secret_id),
            changes.get("secret_key", vendor.secret_key),
            changes.get("token"),
        )
        region = changes.get("region", "ap-singapore")
        version = changes.get("version", "2018-03-01")
        self.client = CommonClient("faceid", version, credential, region, profile)

    def call(self, action: str, parameters: dict[str, Any]) -> dict[str, Any]:
        response: dict[str, Any] = self.client.call_json(action, parameters)["Response"]
        return response

    def upload(self, body: bytes) -> str:
        urls = self.call("CreateUploadUrl", {"TargetAction": ACTION})
        parts = urlsplit(urls["UploadUrl"])
        connection = http.client.HTTPConnection(parts.netloc, timeout=5)
        connection.request("PUT", f"{parts.path}?{parts.query}", body)
        assert connection.getresponse().status == 200
        connection.close()
        resource: str = urls["ResourceUrl"]
        return resource

    def check(self, scenario: str | None = None) -> dict[str, Any]:
        files = {"LiveData": testing.live_data(), "Image": testing.photo(scenario)}
        parameters = {}
        for name, body in files.items():
            parameters[f"{name}Url"] = self.upload(body)
            parameters[f"{name}Md5"] = hashlib.md5(body, usedforsecurity=False).hexdigest()
        return self.call(ACTION, parameters)


def test_a_whole_check_passes(vendor: testing.Running) -> None:
    response = Sdk(vendor).check()
    assert (response["Result"], response["Sim"]) == ("Success", 96.3)


def test_a_business_failure_is_an_answer_and_not_an_exception(vendor: testing.Running) -> None:
    assert Sdk(vendor).check("spoof")["Result"] == "FailedOperation.LivessDetectFake"


@pytest.mark.parametrize(
    "changes", [{"unsigned": True}, {"method": "GET"}], ids=["unsigned-payload", "get"]
)
def test_the_sdk_s_other_ways_to_call_work(
    vendor: testing.Running, changes: dict[str, Any]
) -> None:
    assert Sdk(vendor, **changes).check()["Result"] == "Success"


def test_a_temporary_key_works_with_its_token(vendor: testing.Running) -> None:
    key = vendor.temporary
    changes = {"secret_id": key.secret_id, "secret_key": key.secret_key}
    assert Sdk(vendor, **changes, token=key.token).check()["Result"] == "Success"
    with pytest.raises(TencentCloudSDKException) as refusal:
        Sdk(vendor, **changes, token="wrong").check()
    assert refusal.value.code == "AuthFailure.TokenFailure"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret_id": "AKIDnobody"}, "AuthFailure.SecretIdNotFound"),
        ({"secret_key": "wrong"}, "AuthFailure.SignatureFailure"),
        ({"version": "2020-03-03"}, "NoSuchVersion"),
        ({"region": "ap-guangzhou"}, "UnsupportedRegion"),
        ({"region": ""}, "MissingParameter"),
    ],
)
def test_an_api_error_is_an_exception_with_code_and_request_id(
    vendor: testing.Running, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(TencentCloudSDKException) as refusal:
        Sdk(vendor, **changes).call("CreateUploadUrl", {"TargetAction": ACTION})
    assert refusal.value.code == code
    assert refusal.value.requestId == vendor.calls()[-1]["request_id"]


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("other-person", "InternalError.CompareLowSimilarity"),
        ("rate-limited-always", "RequestLimitExceeded"),
        ("http-500", "ServerNetworkError"),
        ("timeout-after-charge", "ClientNetworkError"),
        ("reset-after-body", "ClientNetworkError"),
    ],
)
def test_each_failure_is_the_sdk_s_own_exception(
    vendor: testing.Running, scenario: str, code: str
) -> None:
    with pytest.raises(TencentCloudSDKException) as refusal:
        Sdk(vendor).check(scenario)
    assert refusal.value.code == code


def test_two_failures_escape_the_sdk_s_exceptions(vendor: testing.Running) -> None:
    with pytest.raises(ChunkedEncodingError):
        Sdk(vendor).check("cut-short")
    with pytest.raises(json.JSONDecodeError):
        Sdk(vendor).check("not-json")


def test_an_error_with_a_charset_in_its_content_type_is_not_seen_by_the_sdk(
    vendor: testing.Running,
) -> None:
    vendor.fault(ACTION, "wrong-content-type")
    assert "Error" in Sdk(vendor).check("other-person")


def test_a_body_over_ten_megabytes_is_refused_with_an_answer(vendor: testing.Running) -> None:
    with pytest.raises(TencentCloudSDKException) as refusal:
        Sdk(vendor).call("CreateUploadUrl", {"TargetAction": "x" * 11_500_000})
    assert refusal.value.code == "RequestSizeLimitExceeded"
