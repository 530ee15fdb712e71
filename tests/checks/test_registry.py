"""Which checks a deployment has: what is switched on, and what the vendor serves in its region."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof import facts
from liveproof.checks.check import Check
from liveproof.checks.faceid import FaceIdCheck
from liveproof.checks.registry import build_vendors
from tests.support.deployment import settings
from tests.support.memory import MemorySecrets

SENSEID = "http://senseid.internal:3000"


def made(**changes: Any) -> dict[str, Check]:
    return dict(build_vendors(settings(**changes), MemorySecrets({})).checks)


def test_silent_is_off_without_an_address() -> None:
    assert set(made()) == {"reflect", "video", "photo"}
    assert set(made(senseid_url=SENSEID)) == {"reflect", "video", "photo", "silent"}


def test_every_check_of_the_facts_can_be_switched_on() -> None:
    assert set(made(senseid_url=SENSEID)) == set(facts.checks())


@pytest.mark.parametrize("region", ["ap-hongkong", "ap-bangkok"])
def test_photo_is_not_served_in_every_region(region: str) -> None:
    assert set(made(vendor_region=region)) == {"reflect", "video"}


def test_where_only_photos_are_judged_there_is_photo_alone() -> None:
    assert set(made(vendor_region="ap-guangzhou")) == {"photo"}


def test_an_api_without_regions_is_served_everywhere() -> None:
    checks = made(vendor_region="ap-guangzhou", video_api="LivenessCompare")

    assert set(checks) == {"video", "photo"}


@pytest.mark.parametrize("region", facts.vendor_regions())
def test_bytes_are_judged_in_the_pinned_region(region: str) -> None:
    checks = made(vendor_region=region, senseid_url=SENSEID)

    assert checks.pop("silent").region == "private"
    assert {check.region for check in checks.values()} == {region}
    pinned = settings(vendor_region=region)
    assert build_vendors(pinned, MemorySecrets({})).reflect_sequences.region == region


def test_the_ledger_gets_the_region_and_the_face_model_that_a_call_names() -> None:
    checks = made(senseid_url=SENSEID, video_api="LivenessCompare")

    assert {name: (check.called_region, check.face_model) for name, check in checks.items()} == {
        "reflect": ("ap-singapore", None),
        "video": (None, None),
        "photo": ("ap-singapore", "3.0"),
        "silent": ("private", None),
    }


@pytest.mark.parametrize(
    "action", ["VideoLivenessCompare", "LivenessCompare", "CompareFaceLiveness"]
)
def test_the_setting_chooses_the_videos_api(action: str) -> None:
    assert made(video_api=action)["video"].api.action == action


@pytest.mark.parametrize("name", sorted(facts.checks()))
def test_a_check_is_the_one_of_its_name(name: str) -> None:
    check = made(senseid_url=SENSEID)[name]

    assert check.name == name
    assert check.facts is facts.checks()[name]
    assert check.api.action in check.facts.apis


def test_a_face_id_check_that_cannot_read_frames_cannot_be_built() -> None:
    # Found out after a paid call, it would leave the call's outcome unknown.
    with pytest.raises(TypeError, match="_frames"):
        FaceIdCheck(None, "VideoLivenessCompare", None)  # type: ignore[arg-type, abstract] # on purpose
