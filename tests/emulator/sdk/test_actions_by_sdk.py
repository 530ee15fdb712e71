"""The vendor's own SDK through every action, both channels, and the whole reflect flow."""

import base64
import hashlib
from typing import Any

import pytest
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from liveproof_emulator import testing

# The SDK still calls datetime.utcfromtimestamp.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp")

PRODUCTS = {"faceid": "2018-03-01", "iai": "2020-03-03"}
VIDEO_CHECKS = ["VideoLivenessCompare", "LivenessCompare", "CompareFaceLiveness"]
PHOTO_CHECKS = ["DetectLiveFaceAccurate", "CompareFace"]


def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def b64(body: bytes) -> str:
    return base64.b64encode(body).decode()


class Sdk:
    """Clients of both products, as an application builds them."""

    def __init__(self, vendor: testing.Running, web: Any, *, region: str = "ap-singapore") -> None:
        http = HttpProfile(protocol="http", endpoint=vendor.endpoint, reqTimeout=10)
        key = Credential(vendor.secret_id, vendor.secret_key)
        self.web = web
        self.clients = {
            product: CommonClient(product, version, key, region, ClientProfile(httpProfile=http))
            for product, version in PRODUCTS.items()
        }

    def call(self, action: str, parameters: dict[str, Any]) -> dict[str, Any]:
        client = self.clients["iai" if action in PHOTO_CHECKS else "faceid"]
        response: dict[str, Any] = client.call_json(action, parameters)["Response"]
        return response

    def upload(self, name: str, body: bytes, target: str) -> dict[str, str]:
        """The two parameters that name an uploaded file."""
        urls = self.call("CreateUploadUrl", {"TargetAction": target})
        assert self.web("PUT", urls["UploadUrl"], body).status == 200
        return {f"{name}Url": urls["ResourceUrl"], f"{name}Md5": md5(body)}

    def check_video(self, action: str, scenario: str | None) -> dict[str, Any]:
        photo, video = testing.photo(), testing.video(scenario)
        parameters = {"LivenessType": "SILENT"}
        if action == "VideoLivenessCompare":
            parameters |= self.upload("Image", photo, action) | self.upload("Video", video, action)
        else:
            parameters |= {"ImageBase64": b64(photo), "VideoBase64": b64(video)}
        return self.call(action, parameters)

    def check_photo(self, action: str, scenario: str | None) -> dict[str, Any]:
        photos = {"Image": testing.photo(scenario)}
        if action == "CompareFace":
            photos = {"ImageA": testing.photo(), "ImageB": testing.photo(scenario)}
        return self.call(action, {name: b64(body) for name, body in photos.items()})


@pytest.fixture
def sdk(vendor: testing.Running, web: Any) -> Sdk:
    return Sdk(vendor, web)


@pytest.mark.parametrize("action", VIDEO_CHECKS)
def test_a_video_is_checked_and_a_failure_is_an_answer(sdk: Sdk, action: str) -> None:
    assert sdk.check_video(action, None)["Result"] == "Success"
    assert sdk.check_video(action, "spoof")["Result"] == "FailedOperation.LivessDetectFake"


@pytest.mark.parametrize("action", VIDEO_CHECKS)
@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("spoof-as-error", "FailedOperation.LivessDetectFake"),
        ("in-arrears", "UnauthorizedOperation.Arrears"),
        ("rate-limited-always", "RequestLimitExceeded"),
        ("internal-error", "InternalError"),
        ("http-500", "ServerNetworkError"),
    ],
)
def test_an_error_of_a_video_check_is_an_exception(
    sdk: Sdk, vendor: testing.Running, action: str, scenario: str, code: str
) -> None:
    with pytest.raises(TencentCloudSDKException) as refusal:
        sdk.check_video(action, scenario)
    assert refusal.value.code == code
    if code != "ServerNetworkError":
        assert refusal.value.requestId == vendor.calls(action)[0]["request_id"]


@pytest.mark.parametrize("action", PHOTO_CHECKS)
def test_a_photo_is_scored_and_a_failure_is_an_exception(sdk: Sdk, action: str) -> None:
    assert sdk.check_photo(action, None)["Score"] > 90
    with pytest.raises(TencentCloudSDKException) as refusal:
        sdk.check_photo(action, "no-face")
    assert refusal.value.code == "InvalidParameterValue.NoFaceInPhoto"


def test_the_older_check_needs_no_region(vendor: testing.Running, web: Any) -> None:
    sdk = Sdk(vendor, web, region="")
    assert sdk.check_video("LivenessCompare", None)["Result"] == "Success"
    with pytest.raises(TencentCloudSDKException) as refusal:
        sdk.check_video("CompareFaceLiveness", None)
    assert refusal.value.code == "MissingParameter"


def test_the_whole_reflect_flow_from_device_data_to_best_frame(
    sdk: Sdk, vendor: testing.Running, web: Any
) -> None:
    device = sdk.upload("DeviceData", testing.device_data(), "GenerateReflectSequence")
    answer = sdk.call("GenerateReflectSequence", {**device, "SecurityLevel": "4"})
    sequence = web("GET", answer["ReflectSequenceUrl"]).body
    assert md5(sequence) == answer["ReflectSequenceMd5"]
    check = "DetectReflectLivenessAndCompare"
    files = sdk.upload("LiveData", testing.live_data(), check)
    files |= sdk.upload("Image", testing.photo(), check)
    response = sdk.call(check, files)
    assert response["Result"] == "Success"
    assert md5(web("GET", response["BestFrameUrl"]).body) == response["BestFrameMd5"]
    assert [entry["action"] for entry in vendor.calls()] == [
        "CreateUploadUrl", "GenerateReflectSequence", "CreateUploadUrl", "CreateUploadUrl", check,
    ]  # fmt: skip
