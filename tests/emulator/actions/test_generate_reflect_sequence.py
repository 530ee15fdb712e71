"""GenerateReflectSequence: device data in, a sequence out."""

import base64
import hashlib
import json
from typing import Any

import pytest

from liveproof_emulator import testing

ACTION = "GenerateReflectSequence"


def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def ask(caller: Any, device_data: bytes, **more: Any) -> dict[str, Any]:
    sent = {"DeviceDataUrl": caller.upload(device_data), "DeviceDataMd5": md5(device_data)}
    response: dict[str, Any] = caller.response(ACTION, {**sent, **more})
    return response


def test_device_data_give_a_sequence_with_its_md5_for_two_hours(
    caller: Any, vendor: testing.Running, web: Any
) -> None:
    response = ask(caller, testing.device_data())
    assert set(response) == {"ReflectSequenceUrl", "ReflectSequenceMd5", "RequestId"}
    sequence = web("GET", response["ReflectSequenceUrl"])
    assert (sequence.status, md5(sequence.body)) == (200, response["ReflectSequenceMd5"])
    assert base64.b64decode(sequence.body, validate=True)
    (entry,) = vendor.calls(ACTION)
    assert (entry["executed"], entry["billed"], entry["code"]) == (True, "no", None)
    vendor.advance(7200)
    assert web("GET", response["ReflectSequenceUrl"]).status == 403


@pytest.mark.parametrize(
    ("level", "code"),
    [("1", None), ("4", None), ("5", "InvalidParameterValue"), (4, "InvalidParameter")],
)
def test_the_security_level_is_a_digit_from_1_to_4_as_text(
    caller: Any, level: object, code: str | None
) -> None:
    response = ask(caller, testing.device_data(), SecurityLevel=level)
    assert response.get("Error", {}).get("Code") == code


def test_the_default_security_level_is_4_and_levels_differ(caller: Any) -> None:
    md5s = [
        ask(caller, testing.device_data(), **more)["ReflectSequenceMd5"]
        for more in ({}, {"SecurityLevel": "4"}, {"SecurityLevel": "1"})
    ]
    assert md5s[0] == md5s[1] != md5s[2]


@pytest.mark.parametrize(
    "device_data",
    [
        b"",
        json.dumps({"platform": 2}).encode(),
        base64.b64encode(b"no JSON"),
        base64.b64encode(b"[]"),
        base64.b64encode(b"\xff"),
        base64.b64encode(b"[" * 100_000),
        testing.device_data()[:-1],
        testing.device_data() + b"\n\n!",
    ],
    ids=["empty", "plain", "no-json", "list", "bytes", "deep", "cut", "trailing"],
)
def test_device_data_that_are_no_base64_of_a_json_object_are_refused(
    caller: Any, vendor: testing.Running, device_data: bytes
) -> None:
    assert ask(caller, device_data)["Error"]["Code"] == "InvalidParameterValue"
    assert vendor.calls(ACTION)[0]["executed"] is False


@pytest.mark.parametrize(
    ("scenario", "status"), [("sequence-missing", 404), ("sequence-expired", 403)]
)
def test_a_sequence_can_be_out_of_reach(caller: Any, web: Any, scenario: str, status: int) -> None:
    response = ask(caller, testing.device_data(scenario))
    assert web("GET", response["ReflectSequenceUrl"]).status == status


def test_a_sequence_can_be_another_file_or_slow(caller: Any, web: Any) -> None:
    wrong = ask(caller, testing.device_data("sequence-wrong-md5"))
    assert md5(web("GET", wrong["ReflectSequenceUrl"]).body) != wrong["ReflectSequenceMd5"]
    url = ask(caller, testing.device_data("slow-download"))["ReflectSequenceUrl"]
    with pytest.raises(TimeoutError):
        web("GET", url, seconds=0.2)


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("bad-device-data", "InvalidParameterValue"),
        ("download-failed", "FailedOperation.DownLoadError"),
        ("download-timed-out", "FailedOperation.DownLoadTimeoutError"),
        ("rate-limited-always", "RequestLimitExceeded"),
        ("no-such-thing", "InvalidParameterValue"),
    ],
)
def test_a_refusal_comes_as_error(
    caller: Any, vendor: testing.Running, scenario: str, code: str
) -> None:
    assert ask(caller, testing.device_data(scenario))["Error"]["Code"] == code
    assert vendor.calls(ACTION)[0]["executed"] is False


def test_files_that_cannot_be_had_or_proven_are_refused(caller: Any) -> None:
    body = testing.device_data()
    url = caller.upload(body)
    for sent, changes, code in (
        ({"DeviceDataUrl": "http://127.0.0.1:1/x"}, {}, "FailedOperation.DownLoadError"),
        ({"DeviceDataMd5": md5(b"another")}, {}, "InvalidParameterValue"),
        ({}, {"X-TC-Region": "ap-hongkong"}, "FailedOperation.DownLoadError"),
    ):
        whole = {"DeviceDataUrl": url, "DeviceDataMd5": md5(body), **sent}
        assert caller.response(ACTION, whole, extra=changes)["Error"]["Code"] == code
