"""The best frame is kept if it can be; it never costs the decision."""

from __future__ import annotations

from liveproof.domain.verification import Decision, Verification
from liveproof.vendors.errors import RelayFailed
from tests.support.checks import FRAME, FRAME_MD5, answer
from tests.support.deployment import Deployment

HOUR_MS = 60 * 60 * 1000
PAID = "faceid.DetectReflectLivenessAndCompare.ap-singapore"
FREE = "faceid.CreateUploadUrl.ap-singapore"


def verdict_code(verification: Verification) -> tuple[Decision, str]:
    assert verification.verdict is not None
    return verification.verdict.decision, verification.verdict.reason.code


def test_the_best_frame_of_a_passed_verification_is_kept(deployment: Deployment) -> None:
    deployment.check.script = [answer(frame=True)]
    after = deployment.run_check(deployment.ready())

    key = f"evidence/{after.id}/best_frame.jpg"
    assert after.evidence is not None
    assert [(frame.key, frame.md5) for frame in after.evidence.frames] == [(key, FRAME_MD5)]
    assert after.evidence.frames[0].size == len(FRAME)
    assert deployment.bucket.objects[key] == FRAME


def test_a_frame_that_cannot_be_fetched_costs_the_frame_only(deployment: Deployment) -> None:
    deployment.check.script = [answer(frame=True)]
    deployment.check.frames = [RelayFailed("the downloaded bytes do not have the promised MD5")]
    after = deployment.run_check(deployment.ready())

    assert verdict_code(after)[1] == "passed"
    assert after.evidence is not None
    assert (after.evidence.frames, after.evidence.missing) == ((), "not_fetched")
    assert deployment.check.calls == 1


def test_a_frame_is_fetched_a_second_time_when_the_first_failed(deployment: Deployment) -> None:
    deployment.check.script = [answer(frame=True)]
    deployment.check.frames = [RelayFailed("reset"), FRAME]
    after = deployment.run_check(deployment.ready())

    assert after.evidence is not None
    assert [frame.md5 for frame in after.evidence.frames] == [FRAME_MD5]


def test_a_frame_that_the_vendor_did_not_offer_is_noted_as_such(deployment: Deployment) -> None:
    after = deployment.run_check(deployment.ready())

    assert after.evidence is not None
    assert after.evidence.missing == "not_offered"


def test_nothing_is_kept_of_a_person_who_was_rejected(deployment: Deployment) -> None:
    deployment.check.script = [answer("FailedOperation.LivessDetectFake", 0, frame=True)]
    after = deployment.run_check(deployment.ready())

    assert after.evidence is None
    assert not [key for key in deployment.bucket.objects if key.startswith("evidence/")]
