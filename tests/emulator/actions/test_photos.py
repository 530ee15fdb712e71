"""DetectLiveFaceAccurate and CompareFace: scores, codes through Error, limits of photos."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import liveproof_emulator
from liveproof_emulator import testing

LIVE, COMPARE = "DetectLiveFaceAccurate", "CompareFace"
FOLDERS = {LIVE: "detect_live_face_accurate", COMPARE: "compare_face"}
LISTED = {LIVE: 29, COMPARE: 31}
IMAGES = {LIVE: ("Image",), COMPARE: ("ImageA", "ImageB")}
URLS = {LIVE: ("Url",), COMPARE: ("UrlA", "UrlB")}


def data(action: str, file: str) -> dict[str, Any]:
    path = Path(liveproof_emulator.__file__).parent / "actions" / FOLDERS[action] / file
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def cases(key: str, *, refused: bool = False) -> list[tuple[str, str, Any]]:
    return [
        (action, name, entry[key])
        for action in FOLDERS
        for name, entry in data(action, "scenarios.json").items()
        if entry.get(key) is not None and entry.get("refused", False) is refused
    ]


def b64(body: bytes) -> str:
    return base64.b64encode(body).decode()


def ask(caller: Any, action: str, sent: dict[str, Any], **changes: Any) -> dict[str, Any]:
    extra = {"X-TC-Version": "2020-03-03", **changes.pop("extra", {})}
    response: dict[str, Any] = caller.response(action, sent, extra=extra, service="iai", **changes)
    return response


def look(caller: Any, action: str, photo: bytes, **more: Any) -> dict[str, Any]:
    """The photo in the last place, a plain one before it."""
    bodies = [testing.photo(), photo][-len(IMAGES[action]) :]
    sent = {name: b64(body) for name, body in zip(IMAGES[action], bodies, strict=True)}
    return ask(caller, action, {**sent, **more})


@pytest.mark.parametrize(("action", "scenario", "score"), cases("score"))
def test_the_answer_is_a_score_and_no_code(
    caller: Any, vendor: testing.Running, action: str, scenario: str, score: float
) -> None:
    response = look(caller, action, testing.photo(scenario))
    assert set(response) == {"Score", "FaceModelVersion", "RequestId"}
    assert (response["Score"], response["FaceModelVersion"]) == (score, "3.0")
    (entry,) = vendor.calls(action)
    assert (entry["scenario"], entry["code"], entry["verdict"]) == (scenario, None, None)
    assert (entry["executed"], entry["billed"]) == (True, "yes")


def test_the_scores_are_on_both_sides_of_the_recommended_thresholds() -> None:
    scores = {(action, name): score for action, name, score in cases("score")}
    for action, threshold in ((LIVE, 40), (COMPARE, 50)):
        assert scores[action, "at-threshold"] == threshold
        assert threshold - 0.1 < scores[action, "just-below-threshold"] < threshold
    assert (scores[LIVE, "pass"], scores[LIVE, "photographed"]) == (98, 12)


@pytest.mark.parametrize("action", FOLDERS)
def test_the_score_can_be_missing(caller: Any, action: str) -> None:
    response = look(caller, action, testing.photo("missing-score"))
    assert set(response) == {"FaceModelVersion", "RequestId"}


@pytest.mark.parametrize(("action", "scenario", "code"), cases("code"))
def test_every_code_comes_as_error(
    caller: Any, vendor: testing.Running, action: str, scenario: str, code: str
) -> None:
    response = look(caller, action, testing.photo(scenario))
    assert set(response) == {"Error", "RequestId"}
    assert (response["Error"]["Code"], bool(response["Error"]["Message"])) == (code, True)
    (entry,) = vendor.calls(action)
    assert (entry["code"], entry["verdict"], entry["executed"]) == (code, code, True)


@pytest.mark.parametrize(("action", "scenario", "code"), cases("code", refused=True))
def test_a_refusal_executes_nothing(
    caller: Any, vendor: testing.Running, action: str, scenario: str, code: str
) -> None:
    assert look(caller, action, testing.photo(scenario))["Error"]["Code"] == code
    (entry,) = vendor.calls(action)
    assert (entry["verdict"], entry["executed"], entry["billed"]) == (None, False, "no")


@pytest.mark.parametrize("action", FOLDERS)
def test_every_code_that_the_action_can_give_has_a_scenario(action: str) -> None:
    codes = data(action, "facts.json")["codes"]["value"]
    assert len(codes) == len(set(codes)) == LISTED[action]
    assert set(codes) <= {
        scenario.get("code") for scenario in data(action, "scenarios.json").values()
    }


def picture(kind: str, width: int, height: int) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(written, kind)
    return written.getvalue()


EXCEED = "FailedOperation.ImageResolutionExceed"
SMALL = "FailedOperation.ImageResolutionTooSmall"
DECODE = "FailedOperation.ImageDecodeFailed"


@pytest.mark.parametrize("action", FOLDERS)
@pytest.mark.parametrize(
    ("photo", "code"),
    [
        (picture("JPEG", 4000, 64), None),
        (picture("JPEG", 4001, 64), EXCEED),
        (picture("PNG", 2000, 64), None),
        (picture("PNG", 2001, 64), EXCEED),
        (picture("BMP", 64, 2000), None),
        (picture("BMP", 64, 2001), EXCEED),
        (picture("JPEG", 63, 200), SMALL),
        (picture("GIF", 200, 200), DECODE),
        (picture("TIFF", 200, 200), DECODE),
        (picture("WEBP", 200, 200), DECODE),
        (testing.photo()[:400], DECODE),
        (picture("BMP", 200, 200)[:1000], DECODE),
        (b"BM", DECODE),
        (b"no picture", DECODE),
    ],
    ids=[
        "jpg-4000", "jpg-4001", "png-2000", "png-2001", "bmp-2000", "bmp-2001", "short", "gif",
        "tiff", "webp", "cut", "cut-bmp", "head", "text",
    ],
)  # fmt: skip
def test_a_photo_is_judged_by_its_bytes(
    caller: Any, action: str, photo: bytes, code: str | None
) -> None:
    assert look(caller, action, photo).get("Error", {}).get("Code") == code


@pytest.mark.parametrize("action", FOLDERS)
def test_a_photo_may_have_five_megabytes_of_base64(caller: Any, action: str) -> None:
    room = 5 * 2**20 // 4 * 3 - len(testing.photo())
    last = IMAGES[action][-1]
    small = {name: b64(testing.photo()) for name in IMAGES[action]}
    for more, code in ((0, None), (1, "FailedOperation.ImageSizeExceed")):
        body = testing.photo() + bytes(room + more)
        response = ask(caller, action, {**small, last: b64(body)})
        assert response.get("Error", {}).get("Code") == code
        urls = {name: caller.upload(body) for name in URLS[action]}
        assert ask(caller, action, urls).get("Error", {}).get("Code") == code


@pytest.mark.parametrize("action", FOLDERS)
def test_a_url_wins_over_base64(caller: Any, vendor: testing.Running, action: str) -> None:
    sent = {name: b64(testing.photo("no-face")) for name in IMAGES[action]}
    sent |= {name: caller.upload(testing.photo()) for name in URLS[action]}
    assert "Score" in ask(caller, action, sent)
    assert len(vendor.calls(action)[0]["resources"]) == len(URLS[action])  # type: ignore[arg-type]


@pytest.mark.parametrize("action", FOLDERS)
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:1/x", "FailedOperation.ImageDownloadError"),
        ("ftp://example.com/x", "InvalidParameterValue.UrlIllegal"),
        ("nonsense", "InvalidParameterValue.UrlIllegal"),
        ("http://[::1", "InvalidParameterValue.UrlIllegal"),
    ],
)
def test_a_url_that_cannot_be_fetched_is_refused(
    caller: Any, action: str, url: str, code: str
) -> None:
    response = ask(caller, action, dict.fromkeys(URLS[action], url))
    assert response["Error"]["Code"] == code


PHOTO = b64(testing.photo())
BOTH = {"ImageA": PHOTO, "ImageB": PHOTO}
VERSION = "InvalidParameterValue.FaceModelVersionIllegal"


@pytest.mark.parametrize(
    ("action", "sent", "code"),
    [
        (LIVE, {}, "InvalidParameterValue.ImageEmpty"),
        (LIVE, {"Image": "", "Url": ""}, "InvalidParameterValue.ImageEmpty"),
        (LIVE, {"Image": PHOTO, "FaceModelVersion": "3.0"}, None),
        (LIVE, {"Image": PHOTO, "FaceModelVersion": "2.0"}, VERSION),
        (LIVE, {"Image": PHOTO, "FaceModelVersion": 3.0}, "InvalidParameter"),
        (LIVE, {"Image": "data:image/jpeg;base64," + PHOTO}, DECODE),
        (LIVE, {"Image": PHOTO[:100] + "\n" + PHOTO[100:]}, DECODE),
        (LIVE, {"Image": "AAAAA"}, DECODE),
        (LIVE, {"Image": PHOTO, "ImageA": PHOTO}, "UnknownParameter"),
        (COMPARE, {"ImageA": PHOTO}, "InvalidParameterValue.ImageEmpty"),
        (COMPARE, {"ImageB": PHOTO}, "InvalidParameterValue.ImageEmpty"),
        (COMPARE, {**BOTH, "FaceModelVersion": "2.0"}, None),
        (COMPARE, {**BOTH, "FaceModelVersion": "1.0"}, VERSION),
        (COMPARE, {**BOTH, "QualityControl": 0, "NeedRotateDetection": 1}, None),
        (COMPARE, {**BOTH, "QualityControl": 4, "FaceMatchingStrategy": 1}, None),
        (COMPARE, {**BOTH, "QualityControl": 5}, "InvalidParameterValue.QualityControlIllegal"),
        (COMPARE, {**BOTH, "QualityControl": -1}, "InvalidParameterValue.QualityControlIllegal"),
        (COMPARE, {**BOTH, "QualityControl": "1"}, "InvalidParameter"),
        (COMPARE, {**BOTH, "QualityControl": True}, "InvalidParameter"),
        (COMPARE, {**BOTH, "QualityControl": 1.5}, "InvalidParameter"),
        (COMPARE, {**BOTH, "NeedRotateDetection": 2}, "InvalidParameterValue"),
    ],
)
def test_parameters_have_their_types_and_values(
    caller: Any, action: str, sent: dict[str, Any], code: str | None
) -> None:
    response = ask(caller, action, sent)
    assert response.get("Error", {}).get("Code") == code
    if code is None:
        assert response["FaceModelVersion"] == sent.get("FaceModelVersion", "3.0")


@pytest.mark.parametrize(
    ("action", "changes", "code"),
    [
        (LIVE, {"X-TC-Region": ""}, "MissingParameter"),
        (LIVE, {"X-TC-Region": "ap-bangkok"}, "UnsupportedRegion"),
        (LIVE, {"X-TC-Region": "ap-guangzhou"}, None),
        (LIVE, {"X-TC-Version": "2018-03-01"}, "NoSuchVersion"),
        (COMPARE, {"X-TC-Region": ""}, "MissingParameter"),
        (COMPARE, {"X-TC-Version": "2018-03-01"}, None),
        (COMPARE, {"X-TC-Version": "2018-04-12"}, "NoSuchVersion"),
    ],
)
def test_versions_and_regions_are_the_documented_ones(
    caller: Any, action: str, changes: dict[str, str], code: str | None
) -> None:
    sent = dict.fromkeys(IMAGES[action], PHOTO)
    assert ask(caller, action, sent, extra=changes).get("Error", {}).get("Code") == code


@pytest.mark.parametrize("action", FOLDERS)
def test_another_product_s_signature_is_refused(caller: Any, action: str) -> None:
    sent = dict.fromkeys(IMAGES[action], PHOTO)
    response = caller.response(action, sent, extra={"X-TC-Version": "2020-03-03"})
    assert response["Error"]["Code"] == "AuthFailure.SignatureFailure"
