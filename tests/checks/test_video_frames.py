"""The best frames of a video: at a URL or inline, each once, proven or decoded."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from liveproof.vendors.answer import Answer
from liveproof.vendors.errors import RelayFailed
from liveproof.vendors.tencent.api import TencentApi
from tests.support.deployment import md5_of
from tests.support.video import APIS, answer, check_by


def test_a_frame_at_a_url_is_fetched_and_proven(api: TencentApi) -> None:
    check = check_by(api, "VideoLivenessCompare")
    reading = answer(check, "pass")
    (frame,) = check.read(reading).frames
    body = frame.open(5)

    assert md5_of(body) == reading.response["BestFrame"]["MD5"]
    assert body.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    "scenario", ["best-frame-missing", "best-frame-wrong-md5", "best-frame-expired"]
)
def test_a_frame_at_a_url_that_is_not_the_promised_one_is_refused(
    api: TencentApi, scenario: str
) -> None:
    check = check_by(api, "VideoLivenessCompare")
    (frame,) = check.read(answer(check, scenario)).frames

    with pytest.raises(RelayFailed):
        frame.open(5)


@pytest.mark.parametrize("action", ["LivenessCompare", "CompareFaceLiveness"])
def test_an_inline_frame_is_decoded(api: TencentApi, action: str) -> None:
    check = check_by(api, action)
    reading = answer(check, "pass")
    (frame,) = check.read(reading).frames

    assert frame.open(5).startswith(b"\xff\xd8\xff")
    assert reading.response["BestFrameBase64"][:20] not in repr(frame)


@pytest.mark.parametrize("action", APIS)
def test_a_frame_that_is_not_given_is_none(api: TencentApi, action: str) -> None:
    check = check_by(api, action)

    assert check.read(answer(check, "best-frame-not-given")).frames == ()


@pytest.mark.parametrize("count", [2, 10])
def test_the_requested_number_of_frames_comes_each_once(api: TencentApi, count: int) -> None:
    check = check_by(api, "LivenessCompare", count)
    frames = check.read(answer(check, "pass")).frames

    bodies = [frame.open(5) for frame in frames]
    assert len(bodies) == len(set(bodies)) == count
    assert all(body.startswith(b"\xff\xd8\xff") for body in bodies)


def test_one_frame_comes_when_the_list_is_not_given(api: TencentApi) -> None:
    check = check_by(api, "LivenessCompare", 3)

    assert len(check.read(answer(check, "best-frame-list-not-given")).frames) == 1


@pytest.mark.parametrize("listed", [["eA=="] * 9, [None, 7, "", "eA==", ["eA=="]], "eA==", {}])
def test_an_odd_list_of_frames_gives_what_is_a_frame_in_it(api: TencentApi, listed: Any) -> None:
    check = check_by(api, "LivenessCompare", 3)
    reading = Answer({"BestFrameBase64": "eA==", "BestFrameList": listed}, None, "r", 1)

    assert [frame.open(5) for frame in check.read(reading).frames] == [b"x"]


def test_a_list_of_frames_that_nobody_asked_for_is_none(api: TencentApi) -> None:
    reading = Answer({"BestFrameList": ["eA=="]}, None, "r", 1)

    assert check_by(api, "LivenessCompare", 1).read(reading).frames == ()


def test_more_frames_than_were_asked_are_not_kept(api: TencentApi) -> None:
    check = check_by(api, "LivenessCompare", 3)
    listed = [base64.b64encode(bytes([number])).decode() for number in range(200)]
    reading = Answer({"BestFrameBase64": listed[0], "BestFrameList": listed}, None, "r", 1)

    assert [frame.open(5) for frame in check.read(reading).frames] == [b"\0", b"\1", b"\2"]


@pytest.mark.parametrize("content", ["no base64!", "eA", "eA==\n", "\u00e9\u00e9\u00e9\u00e9"])
@pytest.mark.parametrize("action", APIS)
def test_a_frame_that_is_not_base64_is_refused_without_its_content(
    api: TencentApi, action: str, content: str
) -> None:
    reading = Answer({"BestFrameBase64": content}, None, "r", 1)
    (frame,) = check_by(api, action).read(reading).frames
    with pytest.raises(RelayFailed) as refused:
        frame.open(5)

    assert content not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize(
    "best", [None, "x", [], {}, {"Url": "https://x"}, {"MD5": "0" * 32}, {"Url": 1, "MD5": 2}]
)
def test_half_a_frame_at_a_url_is_none(api: TencentApi, best: object) -> None:
    check = check_by(api, "VideoLivenessCompare")

    assert check.read(Answer({"BestFrame": best}, None, "r", 1)).frames == ()
