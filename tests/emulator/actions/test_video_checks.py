"""VideoLivenessCompare, LivenessCompare, CompareFaceLiveness: scenarios, channels, the ledger."""

import base64
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import liveproof_emulator
from liveproof_emulator import testing

FOLDERS = {
    "VideoLivenessCompare": "video_liveness_compare",
    "LivenessCompare": "liveness_compare",
    "CompareFaceLiveness": "compare_face_liveness",
}
EMPTY: dict[str, dict[str, Any]] = {
    "VideoLivenessCompare": {"BestFrame": None},
    "LivenessCompare": {"BestFrameBase64": None, "BestFrameList": None},
    "CompareFaceLiveness": {"BestFrameBase64": None},
}
LISTED = {"VideoLivenessCompare": 52, "LivenessCompare": 53, "CompareFaceLiveness": 46}


def data(action: str, file: str) -> dict[str, Any]:
    path = Path(liveproof_emulator.__file__).parent / "actions" / FOLDERS[action] / file
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def cases(channel: str) -> list[tuple[str, str, str]]:
    """Action, scenario and code of everything that is no Success."""
    answers = []
    for action in FOLDERS:
        for name, entry in data(action, "scenarios.json").items():
            if entry["code"] in (None, "Success"):
                continue
            own = "result" if entry["code"].startswith("FailedOperation.") else "error"
            own = "refused" if entry.get("refused") else entry.get("channel", own)
            if own == channel:
                answers.append((action, name, entry["code"]))
    return answers


def b64(body: bytes) -> str:
    return base64.b64encode(body).decode()


def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def parameters(caller: Any, action: str, image: bytes, video: bytes) -> dict[str, Any]:
    if action != "VideoLivenessCompare":
        return {"LivenessType": "SILENT", "ImageBase64": b64(image), "VideoBase64": b64(video)}
    return {
        "LivenessType": "SILENT",
        "ImageUrl": caller.upload(image),
        "ImageMd5": md5(image),
        "VideoUrl": caller.upload(video),
        "VideoMd5": md5(video),
    }


def check(caller: Any, action: str, scenario: str | None = None, **changes: Any) -> dict[str, Any]:
    image = changes.pop("image", testing.photo())
    video = changes.pop("video", testing.video(scenario))
    sent = {**parameters(caller, action, image, video), **changes.pop("parameters", {})}
    response: dict[str, Any] = caller.response(action, sent, **changes)
    return response


def frame_of(web: Any, response: dict[str, Any]) -> bytes:
    """The best frame, from wherever the action puts it."""
    if "BestFrameBase64" in response:
        return base64.b64decode(response["BestFrameBase64"], validate=True)
    info = response["BestFrame"]
    body: bytes = web("GET", info["Url"]).body
    assert (md5(body), len(body)) == (info["MD5"], info["Size"])
    return body


@pytest.mark.parametrize("action", FOLDERS)
def test_a_valid_video_passes_with_a_frame_of_it(
    caller: Any, vendor: testing.Running, web: Any, action: str
) -> None:
    response = check(caller, action)
    assert set(response) == {"Result", "Description", "Sim", "RequestId", *EMPTY[action]}
    assert (response["Result"], response["Sim"]) == ("Success", 96.3)
    with Image.open(io.BytesIO(frame_of(web, response))) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("JPEG", (240, 320))
    (entry,) = vendor.calls(action)
    assert (entry["verdict"], entry["billed"], entry["executed"]) == ("Success", "yes", True)


@pytest.mark.parametrize(("action", "scenario", "code"), cases("result"))
def test_a_business_failure_comes_as_result_without_a_frame(
    caller: Any, vendor: testing.Running, action: str, scenario: str, code: str
) -> None:
    response = check(caller, action, scenario)
    assert response["Result"] == code
    assert response["Description"]
    assert {name: response[name] for name in EMPTY[action]} == EMPTY[action]
    assert response["Sim"] == (31.2 if code.endswith("CompareLowSimilarity") else 0)
    (entry,) = vendor.calls(action)
    assert (entry["scenario"], entry["code"], entry["verdict"]) == (scenario, code, code)
    assert entry["executed"] is True


@pytest.mark.parametrize(("action", "scenario", "code"), cases("error"))
def test_a_verdict_can_come_as_error(
    caller: Any, vendor: testing.Running, action: str, scenario: str, code: str
) -> None:
    response = check(caller, action, scenario)
    assert set(response) == {"Error", "RequestId"}
    assert response["Error"]["Code"] == code
    (entry,) = vendor.calls(action)
    assert (entry["code"], entry["verdict"], entry["executed"]) == (code, code, True)


@pytest.mark.parametrize(("action", "scenario", "code"), cases("refused"))
def test_a_refusal_comes_as_error_and_nothing_is_executed_or_billed(
    caller: Any, vendor: testing.Running, action: str, scenario: str, code: str
) -> None:
    assert check(caller, action, scenario)["Error"]["Code"] == code
    (entry,) = vendor.calls(action)
    assert (entry["code"], entry["verdict"], entry["executed"], entry["billed"]) == (
        code, None, False, "no",
    )  # fmt: skip


@pytest.mark.parametrize("action", FOLDERS)
def test_every_code_that_the_action_can_give_has_a_scenario(action: str) -> None:
    codes = data(action, "facts.json")["codes"]["value"]
    assert len(codes) == len(set(codes)) == LISTED[action]
    scenarios = data(action, "scenarios.json").values()
    assert set(codes) <= {entry["code"] for entry in scenarios}


@pytest.mark.parametrize("action", FOLDERS)
def test_scores_and_results_can_be_low_or_missing(caller: Any, action: str) -> None:
    assert check(caller, action, "low-score")["Sim"] == 63.5
    missing = check(caller, action, "missing-score")
    assert (missing["Result"], "Sim" in missing) == ("Success", False)
    assert "Result" not in check(caller, action, "missing-result")


@pytest.mark.parametrize(
    ("scenario", "status"), [("best-frame-missing", 404), ("best-frame-expired", 403)]
)
def test_a_best_frame_by_url_can_be_out_of_reach(
    caller: Any, web: Any, scenario: str, status: int
) -> None:
    info = check(caller, "VideoLivenessCompare", scenario)["BestFrame"]
    assert web("GET", info["Url"]).status == status


def test_a_best_frame_by_url_can_be_another_file_or_none_or_slow(caller: Any, web: Any) -> None:
    action = "VideoLivenessCompare"
    wrong = check(caller, action, "best-frame-wrong-md5")["BestFrame"]
    assert md5(web("GET", wrong["Url"]).body) != wrong["MD5"]
    wrong = check(caller, action, "best-frame-wrong-size")["BestFrame"]
    assert len(web("GET", wrong["Url"]).body) == wrong["Size"] - 1
    assert check(caller, action, "best-frame-not-given")["BestFrame"] is None
    url = check(caller, action, "slow-download")["BestFrame"]["Url"]
    with pytest.raises(TimeoutError):
        web("GET", url, seconds=0.2)


@pytest.mark.parametrize("action", ["LivenessCompare", "CompareFaceLiveness"])
def test_a_best_frame_as_base64_can_be_none_or_broken(caller: Any, action: str) -> None:
    response = check(caller, action, "best-frame-not-given")
    assert (response["Result"], response["BestFrameBase64"]) == ("Success", None)
    broken = base64.b64decode(check(caller, action, "best-frame-broken")["BestFrameBase64"])
    with pytest.raises(OSError, match="truncated"), Image.open(io.BytesIO(broken)) as picture:
        picture.load()
    with pytest.raises(ValueError, match="base64"):
        base64.b64decode(
            check(caller, action, "best-frame-not-base64")["BestFrameBase64"], validate=True
        )


def test_a_list_of_best_frames_can_be_missing(caller: Any) -> None:
    response = check(caller, "LivenessCompare", "best-frame-list-not-given")
    assert (bool(response["BestFrameBase64"]), response["BestFrameList"]) == (True, None)


@pytest.mark.parametrize("action", FOLDERS)
def test_the_scenario_line_may_stand_in_the_photo_and_unknown_names_are_refused(
    caller: Any, vendor: testing.Running, action: str
) -> None:
    response = check(caller, action, image=testing.photo("spoof"))
    assert response["Result"] == "FailedOperation.LivessDetectFake"
    error = check(caller, action, "no-such-thing")["Error"]
    assert error["Code"] == "InvalidParameterValue"
    assert "'no-such-thing'" in error["Message"]
    error = check(caller, action, "spoof", image=testing.photo("too-dark"))["Error"]
    assert "too-dark and spoof" in error["Message"]
    assert vendor.calls(action)[-1]["executed"] is False


@pytest.mark.parametrize("action", FOLDERS)
def test_faults_of_any_call_work_by_the_files_and_by_the_controls(
    caller: Any, vendor: testing.Running, action: str
) -> None:
    assert check(caller, action, "rate-limited-once")["Error"]["Code"] == "RequestLimitExceeded"
    assert check(caller, action, "rate-limited-once")["Result"] == "Success"
    with pytest.raises(TimeoutError):
        check(caller, action, "timeout-after-charge", seconds=1.0)
    vendor.fault(action, "spoof")
    assert check(caller, action)["Result"] == "FailedOperation.LivessDetectFake"
    calls = [(call["executed"], call["billed"]) for call in vendor.calls(action)]
    assert calls == [(False, "no"), (True, "yes"), (True, "yes"), (True, "unknown")]


@pytest.mark.parametrize("name", ["ImageMd5", "VideoMd5"])
def test_an_md5_of_another_file_is_refused(caller: Any, vendor: testing.Running, name: str) -> None:
    error = check(caller, "VideoLivenessCompare", parameters={name: md5(b"another")})["Error"]
    assert error["Code"] == "InvalidParameterValue"
    assert name in error["Message"]
    assert vendor.calls("VideoLivenessCompare")[0]["executed"] is False


def test_files_of_another_region_are_refused_where_a_region_is_asked_for(caller: Any) -> None:
    changes: dict[str, Any] = {"extra": {"X-TC-Region": "ap-hongkong"}}
    response = check(caller, "VideoLivenessCompare", **changes)
    assert response["Result"] == "FailedOperation.DownLoadError"
    files = {"ImageUrl": caller.upload(testing.photo()), "VideoUrl": caller.upload(testing.video())}
    sent = {"LivenessType": "SILENT", **files}
    assert caller.response("LivenessCompare", sent, **changes)["Result"] == "Success"


@pytest.mark.parametrize(
    ("action", "region", "code"),
    [
        ("LivenessCompare", "", None),
        ("LivenessCompare", "ap-tokyo", None),
        ("VideoLivenessCompare", "", "MissingParameter"),
        ("VideoLivenessCompare", "ap-guangzhou", "UnsupportedRegion"),
        ("CompareFaceLiveness", "", "MissingParameter"),
        ("CompareFaceLiveness", "ap-jakarta", "UnsupportedRegion"),
    ],
)
def test_the_older_check_asks_for_no_region_and_the_others_for_one_of_theirs(
    caller: Any, action: str, region: str, code: str | None
) -> None:
    sent = parameters(caller, action, testing.photo(), testing.video())
    response = caller.response(action, sent, extra={"X-TC-Region": region})
    assert response.get("Error", {}).get("Code") == code
