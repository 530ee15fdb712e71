"""The reflect check against the emulator: every outcome that it can play, read as it is meant."""

from __future__ import annotations

import pytest

from liveproof.checks.check import CheckMismatch
from liveproof.checks.reflect import Reflect
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import Challenge
from liveproof.ports import Source
from liveproof.vendors.answer import Answer
from liveproof.vendors.errors import OutcomeUnknown, RelayFailed
from liveproof.vendors.tencent.api import TencentApi
from liveproof_emulator import testing
from liveproof_emulator.catalogue import Catalogue
from tests.support.checks import read_by
from tests.support.deployment import md5_of
from tests.support.sources import sources

ANSWERED = {
    "pass": "passed",
    "low-score": "score_below_threshold",
    "missing-score": "vendor_answer_incomplete",
    "missing-result": "vendor_answer_incomplete",
    "unknown-code": "vendor_code_unknown",
    "unknown-error": "vendor_code_unknown",
    "other-person": "other_person",
    "other-person-failed-operation": "other_person",
    "other-person-as-result": "other_person",
    "spoof": "spoof_suspected",
    "spoof-as-error": "spoof_suspected",
    "screen-replay": "spoof_suspected",
    "not-live": "not_live",
    "not-live-unknown": "not_live",
    "not-live-silent": "not_live",
    "below-liveness-threshold": "not_live",
    "photo-comparison-failed": "other_person",
    "too-dark": "too_dark",
    "too-dark-as-error": "too_dark",
    "too-bright": "too_bright",
    "too-bright-as-error": "too_bright",
    "no-face": "face_not_found",
    "no-whole-face": "face_not_found",
    "several-faces": "several_faces",
    "poor-face": "recording_poor",
    "blurry-photo": "photo_poor",
    "unreadable-photo": "photo_unreadable",
    "huge-photo": "photo_size",
    "photo-size": "photo_size",
    "photo-size-as-error": "photo_size",
    "poor-photo": "photo_poor",
}
REPEATABLE = {
    "engine-error": CallOutcome.NOT_EXECUTED,
    "download-failed": CallOutcome.NOT_EXECUTED,
    "rate-limited-always": CallOutcome.NOT_EXECUTED,
    "download-timed-out": CallOutcome.UNKNOWN,
    "internal-error": CallOutcome.UNKNOWN,
}
FRAMES = [
    "slow-download",
    "best-frame-missing",
    "best-frame-not-given",
    "best-frame-wrong-md5",
    "best-frame-expired",
]
LOST = ["reset-before-charge", "reset-after-body", "cut-short", "http-500", "not-json"]


@pytest.fixture
def check(api: TencentApi) -> Reflect:
    return Reflect(api)


def given(scenario: str | None = None) -> dict[str, Source]:
    return sources(live_data=testing.live_data(scenario), image=testing.photo())


def answer(check: Reflect, scenario: str) -> Answer:
    return check.call(check.prepare(given(scenario), None, 10), 5)


@pytest.mark.parametrize(("scenario", "reason"), ANSWERED.items())
def test_an_answer_is_read_as_what_it_means(
    check: Reflect, vendor: testing.Running, scenario: str, reason: str
) -> None:
    result = answer(check, scenario)
    reading = read_by(check, result)

    assert (reading.outcome, reading.reason) == (CallOutcome.ANSWERED, reason)
    assert (reading.decision == "passed") == (scenario == "pass")
    assert len(vendor.calls("DetectReflectLivenessAndCompare")) == 1


@pytest.mark.parametrize(("scenario", "outcome"), REPEATABLE.items())
def test_an_answer_without_a_verdict_is_repeatable_only_if_it_cost_nothing(
    check: Reflect, scenario: str, outcome: CallOutcome
) -> None:
    result = answer(check, scenario)
    reading = read_by(check, result)

    assert (reading.outcome, reading.decision) == (outcome, None)


@pytest.mark.parametrize("scenario", LOST)
def test_a_lost_answer_is_an_unknown_outcome(check: Reflect, scenario: str) -> None:
    with pytest.raises(OutcomeUnknown):
        answer(check, scenario)


def test_no_scenario_but_one_passes_at_the_vendors_threshold() -> None:
    assert [scenario for scenario, reason in ANSWERED.items() if reason == "passed"] == ["pass"]


def test_an_error_under_another_content_type_is_read_all_the_same(check: Reflect) -> None:
    result = answer(check, "wrong-content-type")

    assert check.read(result).code == "Success"


def test_both_files_are_relayed_with_their_md5(check: Reflect, vendor: testing.Running) -> None:
    files = given()
    parameters = check.prepare(files, None, 10)

    assert set(parameters) == {"LiveDataUrl", "LiveDataMd5", "ImageUrl", "ImageMd5"}
    assert parameters["LiveDataMd5"] == files["live_data"].md5
    assert parameters["ImageMd5"] == files["image"].md5
    assert check.relay_count({name: one.size for name, one in files.items()}) == 2
    assert len(vendor.calls("CreateUploadUrl")) == 2
    assert vendor.calls("DetectReflectLivenessAndCompare") == []


def test_the_best_frame_is_fetched_and_proven(check: Reflect) -> None:
    result = answer(check, "pass")
    (frame,) = check.read(result).frames

    body = frame.open(5)
    assert md5_of(body) == result.response["BestFrameMd5"]
    assert body.startswith(b"\xff\xd8\xff")
    assert result.response["BestFrameUrl"] not in repr(frame)


@pytest.mark.parametrize(
    "scenario", ["best-frame-missing", "best-frame-wrong-md5", "best-frame-expired"]
)
def test_a_frame_that_is_not_the_promised_one_is_refused(check: Reflect, scenario: str) -> None:
    (frame,) = check.read(answer(check, scenario)).frames

    with pytest.raises(RelayFailed):
        frame.open(5)


def test_a_frame_that_is_not_given_is_none(check: Reflect) -> None:
    assert check.read(answer(check, "best-frame-not-given")).frames == ()


def test_no_scenario_of_the_emulator_is_left_out() -> None:
    played = set(ANSWERED) | set(REPEATABLE) | set(FRAMES)
    scenarios = set(Catalogue().actions["DetectReflectLivenessAndCompare"].scenarios)

    assert scenarios <= played


@pytest.mark.parametrize("kind", ["lip", "action", "silent"])
def test_a_challenge_is_refused(check: Reflect, kind: str) -> None:
    with pytest.raises(CheckMismatch) as refusal:
        check.validate({"live_data": 1, "image": 1}, Challenge(type=kind, data=None))  # type: ignore[arg-type]

    assert refusal.value.field == "challenge"


def test_a_success_in_the_error_channel_does_not_pass_with_any_score(check: Reflect) -> None:
    result = Answer({"Sim": 96.3, "RequestId": "r"}, "Success", "r", 1)

    assert read_by(check, result).reason == "vendor_answer_incomplete"


@pytest.mark.parametrize(
    ("similarity", "score"), [(0, 0.0), (100, 100.0), (-0.1, None), (101, None)]
)
def test_a_score_is_any_number_from_0_to_100(
    check: Reflect, similarity: float, score: float | None
) -> None:
    result = Answer({"Result": "Success", "Sim": similarity, "RequestId": "r"}, None, "r", 1)

    assert check.read(result).score == score
