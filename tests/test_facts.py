"""Facts agree with each other."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import liveproof
from liveproof import facts
from liveproof.domain.verification import Decision
from liveproof.facts import CodeClass

LIBRARY = Path(liveproof.__file__).parent
DECISIONS = {
    CodeClass.PASSED: {Decision.PASSED},
    CodeClass.REJECTED: {Decision.REJECTED},
    CodeClass.BAD_INPUT: {Decision.RESUBMIT},
    CodeClass.RETRYABLE: {Decision.ERROR},
    CodeClass.RATE_LIMITED: {Decision.ERROR},
    CodeClass.OPERATOR_ACTION: {Decision.ERROR},
}
# The error codes that the vendor lists for DetectReflectLivenessAndCompare.
REFLECT_CODES = [
    "FailedOperation.ActionLightDark",
    "FailedOperation.ActionLightStrong",
    "FailedOperation.DownLoadError",
    "FailedOperation.DownLoadTimeoutError",
    "FailedOperation.ImageBlur",
    "FailedOperation.ImageDecodeFailed",
    "FailedOperation.ImageSizeTooLarge",
    "FailedOperation.LifePhotoDetectFake",
    "FailedOperation.LifePhotoSizeError",
    "FailedOperation.LivessDetectFail",
    "FailedOperation.LivessDetectFake",
    "FailedOperation.LivessSystemError",
    "FailedOperation.LivessUnknownError",
    "FailedOperation.SilentDetectFail",
    "FailedOperation.SilentFaceDetectFail",
    "FailedOperation.SilentFaceQualityFail",
    "FailedOperation.SilentMultiFaceFail",
    "FailedOperation.SilentPictureLiveFail",
    "FailedOperation.SilentThreshold",
    "InternalError.ActionLightDark",
    "InternalError.ActionLightStrong",
    "InternalError.ActionNodetectFace",
    "InternalError.CompareLowSimilarity",
    "InternalError.LifePhotoPoorQuality",
    "InternalError.LifePhotoSizeError",
]


def test_all_25_codes_of_the_reflect_check_are_known() -> None:
    assert len(set(REFLECT_CODES)) == 25
    assert set(REFLECT_CODES) <= set(facts.code_table("faceid").codes)


@pytest.mark.parametrize("code", sorted(facts.code_table("faceid").codes))
def test_a_codes_class_agrees_with_its_reasons_decision(code: str) -> None:
    entry = facts.code_table("faceid").codes[code]

    assert facts.reasons()[entry.reason].decision in DECISIONS[entry.class_]
    assert entry.source


def test_success_alone_passes() -> None:
    passing = [
        c for c, e in facts.code_table("faceid").codes.items() if e.class_ is CodeClass.PASSED
    ]

    assert passing == ["Success"]
    assert [c for c, r in facts.reasons().items() if r.decision is Decision.PASSED] == ["passed"]


def test_the_same_condition_means_the_same_in_both_spellings() -> None:
    codes = facts.code_table("faceid").codes
    for code, entry in codes.items():
        twin = codes.get(code.replace("InternalError.", "FailedOperation."))
        if code.startswith("InternalError.") and twin is not None:
            assert (entry.class_, entry.reason) == (twin.class_, twin.reason), code


def test_every_reason_that_is_used_exists_and_none_is_unused() -> None:
    in_tables = {
        entry.reason
        for product in facts.PRODUCTS
        for entry in facts.code_table(product).codes.values()
    } | {check.below_threshold for check in facts.checks().values()}
    sources = [p.read_text() for p in LIBRARY.rglob("*.py")]
    quoted = {word for text in sources for word in re.findall(r'"([a-z0-9_]+)"', text)}

    assert in_tables <= set(facts.reasons())
    assert set(facts.reasons()) - in_tables - quoted == set()


def test_every_reason_has_words_of_its_own() -> None:
    messages = [reason.message for reason in facts.reasons().values()]

    assert len(set(messages)) == len(messages)
    assert all(m.endswith(".") and m.isascii() and len(m) <= 120 for m in messages)


def test_every_decision_has_a_reason() -> None:
    assert {reason.decision for reason in facts.reasons().values()} == set(Decision)


def test_checks_are_made_in_the_vendors_regions_within_its_limits() -> None:
    reflect = facts.checks()["reflect"]
    api = facts.apis()[reflect.apis[0]]

    assert (api.action, api.service) == ("DetectReflectLivenessAndCompare", "faceid")
    assert api.calls_per_second == 5
    assert reflect.threshold == 70
    assert set(api.regions) == {"ap-singapore", "ap-hongkong", "ap-bangkok"}
    assert set(api.regions) <= set(facts.vendor_regions())


def test_the_webhook_schedule_is_ten_attempts_within_four_days() -> None:
    schedule = facts.webhook_schedule()

    assert list(schedule.delays_seconds) == sorted(schedule.delays_seconds)
    assert len(schedule.delays_seconds) == 9
    assert sum(schedule.delays_seconds) * (1 + schedule.jitter) < 4.5 * 86_400
    assert schedule.total_timeout_seconds < 60


@pytest.mark.parametrize("path", sorted((LIBRARY / "data").glob("*.json")), ids=lambda p: p.name)
def test_every_data_file_says_what_it_is_and_when_it_was_true(path: Path) -> None:
    document = json.loads(path.read_text())

    assert document["date"] >= "2026-11-20"
    assert document.get("note")
