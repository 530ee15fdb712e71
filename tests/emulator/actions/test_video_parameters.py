"""Parameters and sizes of the three checks of a video."""

import base64
from typing import Any

import pytest

from liveproof_emulator import testing
from liveproof_emulator.clock import Clock

PHOTO, VIDEO = testing.photo(), testing.video()
MD5 = "d41d8cd98f00b204e9800998ecf8427e"
ILLEGAL = "InvalidParameterValue"


def b64(body: bytes) -> str:
    return base64.b64encode(body).decode()


def code_of(response: dict[str, Any]) -> str:
    return str(response.get("Error", {}).get("Code") or response["Result"])


def send(caller: Any, action: str, **changes: Any) -> str:
    """The code of a call with a valid photo and video as base64, except for what is changed."""
    sent = {"LivenessType": "SILENT", "ImageBase64": b64(PHOTO), "VideoBase64": b64(VIDEO)}
    if action == "VideoLivenessCompare":
        sent = {"LivenessType": "SILENT", "ImageUrl": "http://127.0.0.1:1/x", "ImageMd5": MD5,
                "VideoUrl": "http://127.0.0.1:1/y", "VideoMd5": MD5}  # fmt: skip
    left = {name: value for name, value in {**sent, **changes}.items() if value is not None}
    return code_of(caller.response(action, left))


CHALLENGES = [
    ("SILENT", None, True),
    ("SILENT", "", True),
    ("SILENT", "1234", False),
    ("LIP", "1234", True),
    ("LIP", "0000", True),
    ("LIP", None, False),
    ("LIP", "123", False),
    ("LIP", "12345", False),
    ("LIP", "12a4", False),
    ("LIP", "\u0661\u0662\u0663\u0664", False),
    ("ACTION", "2,1", True),
    ("ACTION", "4", True),
    ("ACTION", None, False),
    ("ACTION", "5", False),
    ("ACTION", "1,2,3", False),
    ("ACTION", "1 2", False),
    ("ACTION", "1,", False),
    ("ACTION", "1\n", False),
    ("silent", None, False),
    ("", None, False),
]


@pytest.mark.parametrize("action", ["VideoLivenessCompare", "LivenessCompare"])
@pytest.mark.parametrize(("kind", "data", "accepted"), CHALLENGES)
def test_validate_data_fits_the_type_of_liveness(
    caller: Any, action: str, kind: str, data: str | None, accepted: bool
) -> None:
    code = send(caller, action, LivenessType=kind, ValidateData=data)
    valid = "Success" if action == "LivenessCompare" else "FailedOperation.DownLoadError"
    refusal = ILLEGAL if kind else "MissingParameter"
    assert code == (valid if accepted else refusal)


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        ("SILENT", None, "Success"),
        ("ACTION", "4,2", "Success"),
        ("ACTION", None, ILLEGAL),
        ("LIP", "1234", ILLEGAL),
    ],
)
def test_the_newest_check_knows_no_lip_reading(
    caller: Any, kind: str, data: str | None, code: str
) -> None:
    assert send(caller, "CompareFaceLiveness", LivenessType=kind, ValidateData=data) == code


@pytest.mark.parametrize(
    ("optional", "count"),
    [
        (None, 1),
        ("", 1),
        ("{}", 1),
        ('{"Other": 1}', 1),
        ('{"BestFrameNum": 2}', 2),
        ('{"BestFrameNum": 10}', 10),
        ('{"BestFrameNum": 1}', None),
        ('{"BestFrameNum": 11}', None),
        ('{"BestFrameNum": "2"}', None),
        ('{"BestFrameNum": 2.5}', None),
        ('{"BestFrameNum": true}', None),
        ('{"BestFrameNum": null}', None),
        ("[]", None),
        ("no JSON", None),
        ("[" * 100_000, None),
        ({"BestFrameNum": 2}, None),
    ],
)
def test_optional_tells_how_many_best_frames_are_given(
    caller: Any, optional: object, count: int | None
) -> None:
    sent = {"LivenessType": "SILENT", "ImageBase64": b64(PHOTO), "VideoBase64": b64(VIDEO)}
    response = caller.response("LivenessCompare", {**sent, "Optional": optional})
    if count is None:
        type_is_wrong = isinstance(optional, dict)
        assert code_of(response) == ("InvalidParameter" if type_is_wrong else ILLEGAL)
    else:
        assert len(response["BestFrameList"]) == count


def test_base64_wins_over_a_url_in_the_older_check(caller: Any, vendor: testing.Running) -> None:
    urls = {"ImageUrl": "http://127.0.0.1:1/x", "VideoUrl": "nonsense"}
    assert send(caller, "LivenessCompare", **urls) == "Success"
    assert vendor.calls()[0]["resources"] == []
    mixed = {"ImageUrl": caller.upload(testing.photo("spoof")), "ImageBase64": None}
    assert send(caller, "LivenessCompare", **mixed) == "FailedOperation.LivessDetectFake"


@pytest.mark.parametrize(
    ("action", "changes", "code"),
    [
        ("LivenessCompare", {"ImageBase64": None}, "MissingParameter"),
        ("LivenessCompare", {"VideoBase64": None}, "MissingParameter"),
        ("LivenessCompare", {"VideoBase64": None, "VideoUrl": "nonsense"},
         "FailedOperation.DownLoadError"),
        ("LivenessCompare", {"ImageBase64": "data:image/jpeg;base64," + b64(PHOTO)}, ILLEGAL),
        ("LivenessCompare", {"VideoBase64": b64(VIDEO) + "\n"}, ILLEGAL),
        ("LivenessCompare", {"VideoBase64": b64(VIDEO)[:-1]}, ILLEGAL),
        ("LivenessCompare", {"ImageBase64": "\u00e9"}, ILLEGAL),
        ("LivenessCompare", {"ImageMd5": MD5}, "UnknownParameter"),
        ("CompareFaceLiveness", {"ImageBase64": None}, "MissingParameter"),
        ("CompareFaceLiveness", {"VideoBase64": ""}, "MissingParameter"),
        ("CompareFaceLiveness", {"LivenessType": None}, "MissingParameter"),
        ("CompareFaceLiveness", {"ImageUrl": "http://x/"}, "UnknownParameter"),
        ("CompareFaceLiveness", {"ImageBase64": b64(b"GIF89a")},
         "FailedOperation.ImageDecodeFailed"),
        ("VideoLivenessCompare", {"ImageMd5": "short"}, ILLEGAL),
        ("VideoLivenessCompare", {"VideoMd5": None}, "MissingParameter"),
        ("VideoLivenessCompare", {"VideoUrl": 1}, "InvalidParameter"),
        ("VideoLivenessCompare", {"Optional": "{}"}, "UnknownParameter"),
        ("VideoLivenessCompare", {}, "FailedOperation.DownLoadError"),
    ],
)  # fmt: skip
def test_parameters_are_needed_typed_and_known(
    caller: Any, action: str, changes: dict[str, Any], code: str
) -> None:
    assert send(caller, action, **changes) == code


IMAGE_CAP, VIDEO_CAP = 3 * 2**20, 8 * 2**20


def filled(body: bytes, encoded: int) -> bytes:
    """The file with zeros appended, so that its base64 has `encoded` characters."""
    return body + bytes(encoded // 4 * 3 - len(body))


@pytest.mark.parametrize("action", ["LivenessCompare", "CompareFaceLiveness"])
@pytest.mark.parametrize(
    ("image", "video", "code"),
    [
        (IMAGE_CAP, 0, "Success"),
        (IMAGE_CAP + 4, 0, "FailedOperation.LifePhotoSizeError"),
        (0, VIDEO_CAP, "Success"),
        (0, VIDEO_CAP + 4, "FailedOperation.LipSizeError"),
        (IMAGE_CAP, VIDEO_CAP, "RequestSizeLimitExceeded"),
    ],
)
def test_files_in_base64_have_their_caps_and_the_request_has_its_own(
    caller: Any, action: str, image: int, video: int, code: str
) -> None:
    sent = {"LivenessType": "SILENT",
            "ImageBase64": b64(filled(PHOTO, image) if image else PHOTO),
            "VideoBase64": b64(filled(VIDEO, video) if video else VIDEO)}  # fmt: skip
    assert code_of(caller.response(action, sent)) == code


@pytest.mark.parametrize(
    ("image", "video", "code"),
    [
        (IMAGE_CAP, VIDEO_CAP, "Success"),
        (IMAGE_CAP + 4, 0, "FailedOperation.LifePhotoSizeError"),
        (0, VIDEO_CAP + 4, "FailedOperation.LipSizeError"),
    ],
)
def test_files_at_urls_have_the_same_caps_together(
    caller: Any, image: int, video: int, code: str
) -> None:
    sent = {"LivenessType": "SILENT",
            "ImageUrl": caller.upload(filled(PHOTO, image) if image else PHOTO),
            "VideoUrl": caller.upload(filled(VIDEO, video) if video else VIDEO)}  # fmt: skip
    assert code_of(caller.response("LivenessCompare", sent)) == code


@pytest.mark.patches_the_emulator
@pytest.mark.parametrize(
    ("action", "limit"),
    [
        ("VideoLivenessCompare", 20),
        ("LivenessCompare", 100),
        ("CompareFaceLiveness", 20),
        ("GenerateReflectSequence", 5),
        ("DetectLiveFaceAccurate", 50),
        ("CompareFace", 50),
    ],
)
def test_the_documented_rate_of_each_action_holds(
    caller: Any, monkeypatch: pytest.MonkeyPatch, action: str, limit: int
) -> None:
    # All of it in one instant: a slow machine must not slide the window.
    monkeypatch.setattr(Clock, "monotonic", lambda clock: 1000.0)
    of_iai = action in ("DetectLiveFaceAccurate", "CompareFace")
    changes: dict[str, Any] = {"service": "iai"} if of_iai else {}
    extra = {"X-TC-Version": "2020-03-03"} if of_iai else {}
    codes: list[str] = []
    while len(codes) <= limit:
        response = caller.response(action, {"No": "parameter"}, extra=extra, **changes)
        codes.append(response["Error"]["Code"])
    assert codes == ["UnknownParameter"] * limit + ["RequestLimitExceeded"]
