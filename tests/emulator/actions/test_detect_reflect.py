"""DetectReflectLivenessAndCompare: scenarios, files, the ledger."""

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import liveproof_emulator
from liveproof_emulator import testing

ACTION = "DetectReflectLivenessAndCompare"
FOLDER = (
    Path(liveproof_emulator.__file__).parent / "actions" / "detect_reflect_liveness_and_compare"
)
SCENARIOS: dict[str, dict[str, Any]] = json.loads((FOLDER / "scenarios.json").read_text("utf-8"))
RESULTS = {
    name: entry["code"]
    for name, entry in SCENARIOS.items()
    if entry.get("channel") != "error"
    and entry["code"] not in (None, "Success")
    and (entry["code"].startswith("FailedOperation.") or entry.get("channel") == "result")
}
ERRORS = {
    name: entry["code"]
    for name, entry in SCENARIOS.items()
    if entry["code"] not in (None, "Success") and name not in RESULTS
}


def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def test_a_valid_file_passes_with_a_best_frame(
    caller: Any, vendor: testing.Running, web: Any
) -> None:
    response = caller.reflect()
    assert set(response) == {
        "BestFrameUrl", "BestFrameMd5", "Result", "Description", "Sim", "RequestId",
    }  # fmt: skip
    assert (response["Result"], response["Sim"]) == ("Success", 96.3)
    frame = web("GET", response["BestFrameUrl"])
    assert (frame.status, frame.headers["content-type"]) == (200, "image/jpeg")
    assert md5(frame.body) == response["BestFrameMd5"]
    with Image.open(io.BytesIO(frame.body)) as picture:
        picture.load()
        assert picture.format == "JPEG"
    vendor.advance(7100)
    assert web("GET", response["BestFrameUrl"]).status == 200
    vendor.advance(100)
    assert web("GET", response["BestFrameUrl"]).status == 403


@pytest.mark.parametrize(("scenario", "code"), RESULTS.items())
def test_a_business_failure_comes_as_result(
    caller: Any, vendor: testing.Running, scenario: str, code: str
) -> None:
    response = caller.reflect(scenario)
    assert response["Result"] == code
    assert response["Description"]
    assert (response["BestFrameUrl"], response["BestFrameMd5"]) == ("", "")
    assert 0 <= response["Sim"] < 70
    (entry,) = vendor.calls(ACTION)
    assert (entry["scenario"], entry["code"], entry["verdict"]) == (scenario, code, code)
    assert entry["executed"] is True


@pytest.mark.parametrize(("scenario", "code"), ERRORS.items())
def test_an_internal_error_spelling_comes_as_error(
    caller: Any, vendor: testing.Running, scenario: str, code: str
) -> None:
    response = caller.reflect(scenario)
    assert set(response) == {"Error", "RequestId"}
    assert response["Error"]["Code"] == code
    (entry,) = vendor.calls(ACTION)
    assert (entry["code"], entry["verdict"], entry["executed"]) == (code, code, True)


def test_every_code_of_the_action_s_page_has_a_scenario() -> None:
    codes = json.loads((FOLDER / "facts.json").read_text("utf-8"))["codes"]["value"]
    assert len(codes) == 25
    assert set(codes) <= {entry["code"] for entry in SCENARIOS.values()}


@pytest.mark.parametrize(
    ("scenario", "billed"),
    [
        ("pass", "yes"),
        ("low-score", "yes"),
        ("other-person", "unknown"),
        ("other-person-failed-operation", "yes"),
        ("engine-error", "no"),
        ("spoof", "unknown"),
        ("unknown-code", "unknown"),
        ("rate-limited-once", "no"),
        ("timeout-before-charge", "no"),
        ("timeout-after-charge", "yes"),
    ],
)
def test_the_ledger_records_the_billed_calls(
    caller: Any, vendor: testing.Running, scenario: str, billed: str
) -> None:
    if scenario.startswith("timeout"):
        with pytest.raises(TimeoutError):
            caller.reflect(scenario, seconds=0.5)
    else:
        caller.reflect(scenario)
    (entry,) = vendor.calls(ACTION)
    assert entry["billed"] == billed
    assert entry["executed"] is (scenario not in ("rate-limited-once", "timeout-before-charge"))


def test_scores_and_fields_can_be_missing(caller: Any) -> None:
    assert caller.reflect("low-score")["Sim"] == 63.5
    missing = caller.reflect("missing-score")
    assert (missing["Result"], "Sim" in missing) == ("Success", False)
    assert "Result" not in caller.reflect("missing-result")


@pytest.mark.parametrize(
    ("scenario", "status"), [("best-frame-missing", 404), ("best-frame-expired", 403)]
)
def test_a_best_frame_can_be_out_of_reach(
    caller: Any, web: Any, scenario: str, status: int
) -> None:
    response = caller.reflect(scenario)
    assert response["Result"] == "Success"
    assert web("GET", response["BestFrameUrl"]).status == status


def test_a_best_frame_can_be_another_file_or_none(caller: Any, web: Any) -> None:
    wrong = caller.reflect("best-frame-wrong-md5")
    assert md5(web("GET", wrong["BestFrameUrl"]).body) != wrong["BestFrameMd5"]
    assert caller.reflect("best-frame-not-given")["BestFrameUrl"] == ""


def test_a_slow_download_outlasts_a_short_timeout(caller: Any, web: Any) -> None:
    url = caller.reflect("slow-download")["BestFrameUrl"]
    with pytest.raises(TimeoutError):
        web("GET", url, seconds=0.2)


def test_the_line_may_stand_in_either_file_but_only_near_the_end(caller: Any) -> None:
    def result(live_data: bytes, image: bytes) -> str:
        response = caller.response(ACTION, caller.parameters(live_data, image))
        return str(response.get("Result") or response["Error"])

    assert result(testing.live_data("spoof"), testing.photo()).endswith("LivessDetectFake")
    far = testing.live_data("spoof") + bytes(256)
    assert result(far, testing.photo()) == "Success"
    assert "spoof and too-dark" in result(testing.live_data("spoof"), testing.photo("too-dark"))


def test_an_unknown_scenario_is_named_in_the_answer(caller: Any, vendor: testing.Running) -> None:
    error = caller.reflect("no-such-thing")["Error"]
    assert error["Code"] == "InvalidParameterValue"
    assert "'no-such-thing'" in error["Message"]
    assert vendor.calls(ACTION)[0]["executed"] is False


def picture(kind: str, width: int, height: int, mode: str = "RGB") -> bytes:
    written = io.BytesIO()
    Image.new(mode, (width, height)).save(written, kind)
    return written.getvalue()


@pytest.mark.parametrize(
    ("write", "code"),
    [
        (lambda: b"no picture", "FailedOperation.ImageDecodeFailed"),
        (lambda: b"", "FailedOperation.ImageDecodeFailed"),
        (lambda: testing.photo()[:400], "FailedOperation.ImageDecodeFailed"),
        (lambda: picture("GIF", 200, 200), "FailedOperation.ImageDecodeFailed"),
        (lambda: picture("PNG", 10001, 100), "FailedOperation.ImageSizeTooLarge"),
        (lambda: picture("PNG", 20000, 20000, "1"), "FailedOperation.ImageSizeTooLarge"),
        (lambda: picture("JPEG", 63, 200), "FailedOperation.LifePhotoSizeError"),
        (lambda: testing.photo() + bytes(5242880), "FailedOperation.LifePhotoSizeError"),
        (lambda: picture("PNG", 200, 200), "Success"),
        (lambda: picture("JPEG", 10000, 64), "Success"),
    ],
    ids=["text", "empty", "cut", "gif", "wide", "bomb", "small", "heavy", "png", "limits"],
)
def test_a_photo_is_judged_by_its_bytes(caller: Any, write: Callable[[], bytes], code: str) -> None:
    response = caller.response(ACTION, caller.parameters(testing.live_data(), write()))
    assert response["Result"] == code


@pytest.mark.parametrize("name", ["LiveDataMd5", "ImageMd5"])
def test_an_md5_of_another_file_is_refused_before_anything_is_executed(
    caller: Any, vendor: testing.Running, name: str
) -> None:
    files = caller.parameters(testing.live_data(), testing.photo())
    response = caller.response(ACTION, {**files, name: md5(b"another")})
    assert response["Error"]["Code"] == "InvalidParameterValue"
    assert name in response["Error"]["Message"]
    assert [(call["executed"], call["billed"]) for call in vendor.calls(ACTION)] == [(False, "no")]


def test_an_md5_in_upper_case_is_the_same(caller: Any) -> None:
    files = caller.parameters(testing.live_data(), testing.photo())
    files["ImageMd5"] = files["ImageMd5"].upper()
    assert caller.response(ACTION, files)["Result"] == "Success"


def test_files_in_another_region_than_the_call_s_are_refused(caller: Any) -> None:
    files = caller.parameters(testing.live_data(), testing.photo())
    response = caller.response(ACTION, files, extra={"X-TC-Region": "ap-hongkong"})
    assert response["Result"] == "FailedOperation.DownLoadError"
    assert "ap-singapore" in response["Description"]


def test_urls_that_are_over_cannot_be_fetched(caller: Any, vendor: testing.Running) -> None:
    files = caller.parameters(testing.live_data(), testing.photo())
    vendor.advance(7201)
    assert caller.response(ACTION, files)["Result"] == "FailedOperation.DownLoadError"
    assert vendor.calls(ACTION)[0]["executed"] is False
