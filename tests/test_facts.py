"""Facts agree with each other."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import liveproof
from liveproof import facts
from liveproof.domain.verification import Decision

LIBRARY = Path(liveproof.__file__).parent
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


def test_only_a_checks_own_reason_passes() -> None:
    passing = {c for c, r in facts.reasons().items() if r.decision is Decision.PASSED}

    assert passing == {check.passed for check in facts.checks().values()}


def test_the_same_condition_means_the_same_in_both_spellings() -> None:
    codes = facts.code_table("faceid").codes
    for code, entry in codes.items():
        twin = codes.get(code.replace("InternalError.", "FailedOperation."))
        if code.startswith("InternalError.") and twin is not None:
            assert (entry.kind, entry.reason) == (twin.kind, twin.reason), code


def test_every_reason_that_is_used_exists_and_none_is_unused() -> None:
    in_tables = {
        entry.reason
        for product in facts.PRODUCTS
        for entry in facts.code_table(product).codes.values()
    } | {
        reason
        for check in facts.checks().values()
        for reason in (check.passed, check.below_threshold)
    }
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


# Those that the vendor listed when its pages were read; it may add others.
FACEID_REGIONS = {"ap-singapore", "ap-hongkong", "ap-bangkok"}


@pytest.mark.parametrize(
    ("action", "service", "per_second", "regions"),
    [
        ("DetectReflectLivenessAndCompare", "faceid", 5, FACEID_REGIONS),
        ("GenerateReflectSequence", "faceid", 5, FACEID_REGIONS),
        ("VideoLivenessCompare", "faceid", 20, FACEID_REGIONS),
        ("LivenessCompare", "faceid", 100, set()),
        ("CompareFaceLiveness", "faceid", 20, FACEID_REGIONS),
    ],
)
def test_apis_are_called_in_the_vendors_regions_within_its_limits(
    action: str, service: str, per_second: float, regions: set[str]
) -> None:
    api = facts.apis()[action]

    assert (api.action, api.service, api.codes) == (action, service, "faceid")
    assert api.calls_per_second == per_second
    assert set(api.regions) >= regions
    assert api.regional is bool(regions)
    assert set(api.regions) <= set(facts.vendor_regions())


def test_the_photos_api_is_served_in_singapore_and_not_in_hongkong() -> None:
    api = facts.apis()["DetectLiveFaceAccurate"]

    assert (api.service, api.version, api.calls_per_second) == ("iai", "2020-03-03", 50)
    assert "ap-singapore" in api.regions
    assert not set(api.regions) & {"ap-hongkong", "ap-bangkok"}


@pytest.mark.parametrize(
    ("check", "threshold", "most", "above_only"),
    [
        ("reflect", 70, 100, False),
        ("video", 70, 100, False),
        ("photo", 40, 100, False),
        ("silent", 0.7, 1, True),
    ],
)
def test_thresholds_are_the_vendors_recommendations(
    check: str, threshold: float, most: float, above_only: bool
) -> None:
    check_facts = facts.checks()[check]

    assert (check_facts.threshold, check_facts.threshold_max) == (threshold, most)
    assert check_facts.above_threshold_only == above_only


def test_every_check_names_apis_and_reasons_that_exist() -> None:
    for name, check in facts.checks().items():
        assert check.apis, name
        assert set(check.apis) <= set(facts.apis()), name
        assert {facts.apis()[api].codes for api in check.apis} <= set(facts.PRODUCTS), name
        assert facts.reasons()[check.below_threshold].decision is Decision.REJECTED, name
        assert check.source, name
        for limits in check.inputs.values():
            assert limits.content_types, name
            assert limits.formats, name
            assert limits.source, name


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
