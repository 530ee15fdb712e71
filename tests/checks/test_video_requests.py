"""The video check: what each API is sent, and what is refused before anything is uploaded."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from liveproof.checks import video as video_module
from liveproof.checks.check import CheckMismatch
from liveproof.checks.video import MAX_REQUEST_BYTES, Video
from liveproof.domain.verification import Challenge
from liveproof.files.inline import base64_length
from liveproof.ports import Source
from liveproof.vendors.tencent.api import TencentApi
from liveproof_emulator import testing
from tests.support.sources import sources
from tests.support.video import APIS, check_by

MOVE = Challenge(type="action", data="2,1")
DIGITS = Challenge(type="lip", data="0482")


def test_videolivenesscompare_is_sent_urls_with_their_md5(
    api: TencentApi, vendor: testing.Running
) -> None:
    files = sources(video=testing.video(), image=testing.photo())
    check = check_by(api, "VideoLivenessCompare")
    parameters = check.prepare(files, None, 10)

    assert set(parameters) == {"LivenessType", "ImageUrl", "ImageMd5", "VideoUrl", "VideoMd5"}
    assert parameters["LivenessType"] == "SILENT"
    assert parameters["VideoMd5"] == files["video"].md5
    assert parameters["ImageMd5"] == files["image"].md5
    assert ".cos.ap-singapore.myqcloud.com/" in parameters["VideoUrl"]
    assert len(vendor.calls("CreateUploadUrl")) == 2


@pytest.mark.parametrize("action", ["LivenessCompare", "CompareFaceLiveness"])
def test_the_others_are_sent_base64(api: TencentApi, vendor: testing.Running, action: str) -> None:
    clip, photo = testing.video(), testing.photo()
    parameters = check_by(api, action).prepare(sources(video=clip, image=photo), None, 10)

    assert parameters == {
        "LivenessType": "SILENT",
        "VideoBase64": base64.b64encode(clip).decode(),
        "ImageBase64": base64.b64encode(photo).decode(),
    }
    assert vendor.calls("CreateUploadUrl") == []


@pytest.mark.parametrize(
    ("challenge", "sent"),
    [
        (None, {"LivenessType": "SILENT"}),
        (Challenge(type="silent"), {"LivenessType": "SILENT"}),
        (MOVE, {"LivenessType": "ACTION", "ValidateData": "2,1"}),
        (DIGITS, {"LivenessType": "LIP", "ValidateData": "0482"}),
    ],
)
@pytest.mark.parametrize("action", APIS)
def test_the_challenge_is_sent_and_taken(
    api: TencentApi, action: str, challenge: Challenge | None, sent: dict[str, str]
) -> None:
    check = check_by(api, action)
    files = sources(video=testing.video(), image=testing.photo())
    if action == "CompareFaceLiveness" and challenge is DIGITS:
        with pytest.raises(CheckMismatch):
            check.validate({"video": 1, "image": 1}, challenge)
        return
    check.validate({"video": 1, "image": 1}, challenge)
    parameters = check.prepare(files, challenge, 10)

    kept = {
        name: parameters[name] for name in parameters if name in ("LivenessType", "ValidateData")
    }
    assert kept == sent
    assert check.read(check.call(parameters, 10)).code == "Success"


@pytest.mark.parametrize(
    ("action", "count", "frame_count"),
    [
        ("LivenessCompare", 1, None),
        ("LivenessCompare", 3, '{"BestFrameNum": 3}'),
        ("VideoLivenessCompare", 3, None),
        ("CompareFaceLiveness", 3, None),
    ],
)
def test_more_frames_are_asked_only_where_they_are_given(
    api: TencentApi, action: str, count: int, frame_count: str | None
) -> None:
    files = sources(video=testing.video(), image=testing.photo())
    parameters = check_by(api, action, count).prepare(files, None, 10)

    assert parameters.get("Optional") == frame_count


def test_files_too_large_for_one_request_are_relayed_to_livenesscompare(
    api: TencentApi, vendor: testing.Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip, photo = testing.video(), testing.photo()
    files = sources(video=clip, image=photo)
    sizes = {"video": len(clip), "image": len(photo)}
    both = sum(base64_length(size) for size in sizes.values())
    check = check_by(api, "LivenessCompare")
    room = video_module._REQUEST_ROOM

    monkeypatch.setattr(video_module, "MAX_REQUEST_BYTES", both + room)
    assert check.relay_count(sizes) == 0
    assert "VideoBase64" in check.prepare(files, None, 10)

    monkeypatch.setattr(video_module, "MAX_REQUEST_BYTES", both + room - 1)
    assert check.relay_count(sizes) == 2
    parameters = check.prepare(files, None, 10)
    assert set(parameters) == {"LivenessType", "ImageUrl", "VideoUrl"}
    assert check.read(check.call(parameters, 10)).code == "Success"
    assert len(vendor.calls("CreateUploadUrl")) == 2


class OwnBucket:
    """A bucket in the vendor's region, which the vendor reads without a relay."""

    relays = False

    def url_for(self, target_action: str, source: Source, timeout: float) -> str:
        return f"https://own.example/{source.md5}"


@pytest.mark.parametrize("action", APIS)
def test_only_an_api_that_is_told_the_md5_may_read_a_file_in_our_own_bucket(
    api: TencentApi, vendor: testing.Running, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    """Anybody with the upload's URL could replace the file between our proof and its reading."""
    monkeypatch.setattr(video_module, "MAX_REQUEST_BYTES", 0)
    files = sources(video=testing.video(), image=testing.photo())
    check = Video(api, action, 1, OwnBucket())
    parameters = check.prepare(files, None, 10)
    reads_own = {name for name in parameters if "own.example" in parameters[name]}

    uploads = 2 if action == "LivenessCompare" else 0
    assert len(vendor.calls("CreateUploadUrl")) == uploads
    assert check.relay_count({name: source.size for name, source in files.items()}) == uploads
    assert reads_own == ({"ImageUrl", "VideoUrl"} if action == "VideoLivenessCompare" else set())


@pytest.mark.parametrize("action", APIS)
def test_the_largest_inline_request_is_within_the_vendors_limit(
    api: TencentApi, action: str
) -> None:
    check = check_by(api, action)
    limits = {name: limit.max_bytes or 0 for name, limit in check.facts.inputs.items()}
    image = limits["image"]
    room = (MAX_REQUEST_BYTES - video_module._REQUEST_ROOM - base64_length(image)) // 4 * 3
    largest = {"image": image, "video": min(room, limits["video"])}
    body = {
        "LivenessType": "ACTION",
        "ValidateData": "1,2",
        "Optional": '{"BestFrameNum": 10}',
        "ImageBase64": "x" * base64_length(largest["image"]),
        "VideoBase64": "x" * base64_length(largest["video"]),
    }

    check.validate(largest, MOVE)
    assert check.relay_count(largest) == (2 if action == "VideoLivenessCompare" else 0)
    assert len(json.dumps(body)) <= MAX_REQUEST_BYTES


# -- what is refused --------------------------------------------------------------------------


def refusal(check: Video, challenge: Challenge | None, **sizes: int) -> CheckMismatch:
    with pytest.raises(CheckMismatch) as refused:
        check.validate(sizes or {"video": 1, "image": 1}, challenge)
    return refused.value


LIP = ["", "123", "12345", "12a4", "1234\n", " 1234", "\u0661\u0662\u0663\u0664", "1,23"]
ACTION = ["", "0", "5", "1,", ",1", "1,2,3", "1 2", "1,5", "2,1\n", "12", "\u0661"]


@pytest.mark.parametrize("action", APIS)
@pytest.mark.parametrize(
    ("kind", "data", "limit"),
    [
        *(("action", data, "1 to 4") for data in [None, *ACTION]),
        *(("lip", data, "4 digits") for data in [None, *LIP]),
        ("silent", "", "no data"),
        ("silent", "1", "no data"),
    ],
)
def test_a_challenge_that_the_vendor_would_refuse_is_refused_with_its_rule(
    api: TencentApi, action: str, kind: Any, data: str | None, limit: str
) -> None:
    refused = refusal(check_by(api, action), Challenge(type=kind, data=data))

    if kind == "lip" and action == "CompareFaceLiveness":
        assert (refused.field, "action and silent" in refused.detail) == ("challenge.type", True)
    else:
        assert refused.field == "challenge.data"
        assert limit in refused.detail


@pytest.mark.parametrize("data", ["1", "4", "1,1", "4,2"])
@pytest.mark.parametrize("action", APIS)
def test_every_movement_is_taken(api: TencentApi, action: str, data: str) -> None:
    check_by(api, action).validate({"video": 1, "image": 1}, Challenge(type="action", data=data))


def test_comparefaceliveness_refuses_what_is_too_large_together(api: TencentApi) -> None:
    check = check_by(api, "CompareFaceLiveness")
    limits = {name: limit.max_bytes or 0 for name, limit in check.facts.inputs.items()}
    room = 10_000_000 - video_module._REQUEST_ROOM
    largest = {"image": 3, "video": room // 4 * 3 - 3}
    check.validate(largest, None)
    refused = refusal(check, None, image=3, video=largest["video"] + 1)

    assert refused.field == "inputs.video.size"
    assert "together take 10000004 bytes in base64" in refused.detail
    assert "request takes 10000000" in refused.detail
    for action in ("VideoLivenessCompare", "LivenessCompare"):
        check_by(api, action).validate(limits, None)
