"""The reflect check against the emulator: every outcome that it can play, read as it is meant."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from emulator import testing
from liveproof.checks.check import Frame, Source
from liveproof.checks.reflect import Reflect
from liveproof.domain.verification import CallOutcome
from liveproof.vendors.errors import OutcomeUnknown, RelayFailed
from liveproof.vendors.tencent.api import TencentApi
from tests.support.memory import MemorySecrets, MemoryStream

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
LOST = ["reset-before-charge", "reset-after-body", "cut-short", "http-500", "not-json"]


@pytest.fixture(scope="module")
def vendor() -> Iterator[testing.Running]:
    with testing.start(calls_per_second={"DetectReflectLivenessAndCompare": 1000}) as running:
        yield running


@pytest.fixture
def check(vendor: testing.Running) -> Reflect:
    vendor.reset()
    key = {"secret_id": vendor.secret_id, "secret_key": vendor.secret_key}
    secrets = MemorySecrets({"vendor-key": json.dumps(key).encode()})
    return Reflect(TencentApi(vendor.url, "ap-singapore", secrets, "vendor-key"))


def sources(scenario: str | None) -> dict[str, Source]:
    files = {"live_data": testing.live_data(scenario), "image": testing.photo()}
    return {
        name: Source(
            hashlib.md5(body, usedforsecurity=False).hexdigest(),
            lambda body=body: MemoryStream(body, None, []),  # type: ignore[misc]
        )
        for name, body in files.items()
    }


def answer(check: Reflect, scenario: str) -> Any:
    return check.call(check.prepare(sources(scenario), 10), 5)


@pytest.mark.parametrize(("scenario", "reason"), ANSWERED.items())
def test_an_answer_is_read_as_what_it_means(
    check: Reflect, vendor: testing.Running, scenario: str, reason: str
) -> None:
    found = answer(check, scenario)
    reading = check.read(check.code_of(found), check.similarity_of(found), 70)

    assert (reading.outcome, reading.reason) == (CallOutcome.ANSWERED, reason)
    assert (reading.decision == "passed") == (scenario == "pass")
    assert len(vendor.calls("DetectReflectLivenessAndCompare")) == 1


@pytest.mark.parametrize(("scenario", "outcome"), REPEATABLE.items())
def test_what_is_no_verdict_is_repeatable_only_if_it_cost_nothing(
    check: Reflect, scenario: str, outcome: CallOutcome
) -> None:
    found = answer(check, scenario)
    reading = check.read(check.code_of(found), check.similarity_of(found), 70)

    assert (reading.outcome, reading.decision) == (outcome, None)


@pytest.mark.parametrize("scenario", LOST)
def test_a_lost_answer_is_an_unknown_outcome(check: Reflect, scenario: str) -> None:
    with pytest.raises(OutcomeUnknown):
        answer(check, scenario)


def test_no_scenario_but_one_passes_at_the_vendors_threshold() -> None:
    assert [scenario for scenario, reason in ANSWERED.items() if reason == "passed"] == ["pass"]


def test_an_error_under_another_content_type_is_read_all_the_same(check: Reflect) -> None:
    found = answer(check, "wrong-content-type")

    assert check.code_of(found) == "Success"


def test_both_files_are_relayed_with_their_md5(check: Reflect, vendor: testing.Running) -> None:
    given = sources(None)
    parameters = check.prepare(given, 10)

    assert parameters["LiveDataMd5"] == given["live_data"].md5
    assert parameters["ImageMd5"] == given["image"].md5
    assert len(vendor.calls("CreateUploadUrl")) == 2
    assert vendor.calls("DetectReflectLivenessAndCompare") == []


def test_the_best_frame_is_fetched_and_proven(check: Reflect) -> None:
    frame = check.frame_of(answer(check, "pass"))

    assert frame is not None
    body = check.fetch(frame, 5)
    assert hashlib.md5(body, usedforsecurity=False).hexdigest() == frame.md5
    assert io.BytesIO(body).read(3) == b"\xff\xd8\xff"
    assert frame.url not in repr(frame)


@pytest.mark.parametrize(
    "scenario", ["best-frame-missing", "best-frame-wrong-md5", "best-frame-expired"]
)
def test_a_frame_that_is_not_the_promised_one_is_refused(check: Reflect, scenario: str) -> None:
    frame = check.frame_of(answer(check, scenario))

    assert isinstance(frame, Frame)
    with pytest.raises(RelayFailed):
        check.fetch(frame, 5)


def test_a_frame_that_is_not_given_is_none(check: Reflect) -> None:
    assert check.frame_of(answer(check, "best-frame-not-given")) is None
