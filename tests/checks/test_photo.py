"""The photo check: a score is the verdict, everything else is an error code."""

from __future__ import annotations

import base64

import pytest

from liveproof.checks.check import CheckMismatch
from liveproof.checks.photo import Photo
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import Challenge, Decision
from liveproof.vendors.answer import Answer
from liveproof.vendors.errors import OutcomeUnknown
from liveproof.vendors.tencent.api import TencentApi
from liveproof_emulator import testing
from liveproof_emulator.catalogue import Catalogue
from tests.support.checks import read_by
from tests.support.sources import sources

ANSWERED = {
    "pass": "photo_of_live_person",
    "photographed": "liveness_below_threshold",
    "at-threshold": "photo_of_live_person",
    "just-below-threshold": "liveness_below_threshold",
    "zero-score": "liveness_below_threshold",
    "missing-score": "vendor_answer_incomplete",
    "small-face": "photo_no_face",
    "unreadable-photo": "photo_unreadable",
    "face-detection-failed": "photo_no_face",
    "huge-photo": "photo_size",
    "tiny-photo": "photo_size",
    "heavy-photo": "photo_size",
    "invalid-parameter": "vendor_refused_input",
    "empty-photo": "photo_unreadable",
    "no-face": "photo_no_face",
    "several-faces": "photo_several_faces",
    "illegal-model-version": "vendor_request",
    "illegal-url": "vendor_request",
    "empty-parameter": "vendor_request",
    "being-delivered": "vendor_account",
    "account-frozen": "vendor_account",
    "in-arrears": "vendor_account",
    "not-activated": "vendor_account",
    "resource-taken-back": "vendor_account",
    "account-stopped": "vendor_account",
    "billing-unknown": "vendor_account",
    "billing-abnormal": "vendor_account",
    "unknown-method": "vendor_request",
    "unknown-code": "vendor_code_unknown",
    "unknown-error": "vendor_code_unknown",
}
REPEATABLE = {
    "engine-rate-limited": CallOutcome.NOT_EXECUTED,
    "download-failed": CallOutcome.UNKNOWN,
    "backend-timeout": CallOutcome.UNKNOWN,
    "backend-call-failed": CallOutcome.UNKNOWN,
    "engine-error": CallOutcome.UNKNOWN,
    "vendor-error": CallOutcome.UNKNOWN,
    "vendor-internal-error": CallOutcome.UNKNOWN,
}
SCENARIOS = sorted(Catalogue().actions["DetectLiveFaceAccurate"].scenarios)


@pytest.fixture
def check(api: TencentApi) -> Photo:
    return Photo(api)


def answer(check: Photo, scenario: str | None) -> Answer:
    files = sources(image=testing.photo(scenario))
    return check.call(check.prepare(files, None, 10), 10)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_answer_is_read_as_what_it_means(
    check: Photo, vendor: testing.Running, scenario: str
) -> None:
    reading = read_by(check, answer(check, scenario))

    if scenario in REPEATABLE:
        assert (reading.outcome, reading.decision) == (REPEATABLE[scenario], None)
    else:
        assert (reading.outcome, reading.reason) == (CallOutcome.ANSWERED, ANSWERED[scenario])
    assert len(vendor.calls("DetectLiveFaceAccurate")) == 1


@pytest.mark.parametrize("scenario", ["reset-after-body", "cut-short", "http-500", "not-json"])
def test_a_lost_answer_is_an_unknown_outcome(check: Photo, scenario: str) -> None:
    with pytest.raises(OutcomeUnknown):
        answer(check, scenario)


def test_the_photo_is_sent_in_base64_without_any_upload(
    check: Photo, vendor: testing.Running
) -> None:
    photo = testing.photo()
    parameters = check.prepare(sources(image=photo), None, 10)

    assert parameters == {"Image": base64.b64encode(photo).decode(), "FaceModelVersion": "3.0"}
    assert check.relay_count({"image": len(photo)}) == 0
    assert check.read(check.call(parameters, 10)).code == "Success"
    assert vendor.calls("CreateUploadUrl") == []


@pytest.mark.parametrize(
    ("score", "threshold", "decision"),
    [
        (40, 40, Decision.PASSED),
        (39.99, 40, Decision.REJECTED),
        (100, 100, Decision.PASSED),
        (99.99, 100, Decision.REJECTED),
        (0, 0, Decision.PASSED),
        (0, 5, Decision.REJECTED),
        (100.01, 40, Decision.ERROR),
        (-0.01, 0, Decision.ERROR),
        (float("nan"), 40, Decision.ERROR),
        (float("inf"), 40, Decision.ERROR),
        (10**400, 40, Decision.ERROR),
        (None, 40, Decision.ERROR),
        (True, 0, Decision.ERROR),
        (False, 0, Decision.ERROR),
        ("98", 40, Decision.ERROR),
        ([98], 40, Decision.ERROR),
        ({}, 40, Decision.ERROR),
    ],
)
def test_only_a_number_in_range_that_reaches_the_threshold_passes(
    check: Photo, score: object, threshold: float, decision: Decision
) -> None:
    reading = Answer({"Score": score, "FaceModelVersion": "3.0"}, None, "r", 1)

    assert read_by(check, reading, threshold).decision is decision


@pytest.mark.parametrize("code", ["Success", "FailedOperation.UnKnowError", "Never.Heard"])
def test_a_score_beside_an_error_does_not_pass(check: Photo, code: str) -> None:
    reading = Answer({"Score": 98}, code, "r", 1)

    assert check.read(reading).score is None
    assert read_by(check, reading).decision is not Decision.PASSED


def test_the_scores_name_is_that_of_liveness(check: Photo) -> None:
    assert (check.facts.score, check.facts.threshold) == ("liveness", 40)


def test_there_are_no_frames(check: Photo) -> None:
    assert check.read(answer(check, None)).frames == ()


def test_a_challenge_is_refused(check: Photo) -> None:
    with pytest.raises(CheckMismatch) as refusal:
        check.validate({"image": 1}, Challenge(type="silent"))

    assert refusal.value.field == "challenge"
