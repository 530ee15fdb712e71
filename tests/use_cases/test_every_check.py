"""Every check from its request to its decision: in memory, against the emulator, real SDK."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from liveproof import facts, observability
from liveproof.checks.registry import build_vendors
from liveproof.dependencies import Dependencies
from liveproof.domain.ledger import Call, CallOutcome
from liveproof.domain.requests import CreateVerification, DeclaredInput
from liveproof.domain.verification import Verification
from liveproof.secret_documents import ApiClient
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.run_check import run_check
from liveproof.use_cases.verify_upload import object_created
from liveproof_emulator import testing
from tests.support.deployment import CLIENT, Deployment, md5_of, settings
from tests.support.emulator import vendor_secrets

PATH = "/identity/silent_image_verification/stateless"
# Check, settings, the paid API, the scenario's file, frames that come with a pass, files relayed.
WAYS: list[tuple[str, dict[str, Any], str, str, int, int]] = [
    ("reflect", {}, "DetectReflectLivenessAndCompare", "live_data", 1, 2),
    ("video", {}, "VideoLivenessCompare", "video", 1, 2),
    ("video", {"video_api": "LivenessCompare"}, "LivenessCompare", "video", 1, 0),
    (
        "video",
        {"video_api": "LivenessCompare", "best_frame_count": 3},
        "LivenessCompare",
        "video",
        3,
        0,
    ),
    ("video", {"video_api": "CompareFaceLiveness"}, "CompareFaceLiveness", "video", 1, 0),
    ("photo", {}, "DetectLiveFaceAccurate", "image", 0, 0),
    ("silent", {}, PATH, "video", 1, 0),
]
MAKE: dict[str, Callable[[str | None], bytes]] = {
    "live_data": testing.live_data,
    "video": testing.video,
    "image": testing.photo,
}
TYPES = {"live_data": "application/octet-stream", "video": "video/mp4", "image": "image/jpeg"}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every log line."""
    written: list[str] = []

    def seen(message: str, extra: dict[str, object]) -> None:
        written.append(f"{message} {extra}")

    monkeypatch.setattr(observability.logger, "info", seen)
    return written


def dependencies_of(
    deployment: Deployment, vendor: testing.Running, changes: Mapping[str, Any]
) -> Dependencies:
    made = settings(
        vendor_endpoint=vendor.url,
        iai_endpoint=vendor.url,
        senseid_url=vendor.senseid_url,
        call_timeout_seconds=10,
        **changes,
    )
    deployment.secrets.values.update(vendor_secrets(vendor))
    return replace(
        deployment.dependencies,
        settings=made,
        checks=build_vendors(made, deployment.secrets).checks,
    )


def checked(
    deployment: Deployment, dependencies: Dependencies, check: str, scenario: Mapping[str, str]
) -> Verification:
    """The verification after its files were uploaded and its check has run."""
    needed = dependencies.checks[check].facts.inputs
    files = {name: MAKE[name](scenario.get(name)) for name in needed}
    request = CreateVerification(
        check=check,
        inputs={
            name: DeclaredInput(md5_of(body), len(body), TYPES[name])
            for name, body in files.items()
        },
    )
    made, _ = create_verification(dependencies, CLIENT, ApiClient(("0" * 64,)), request, None)
    for name, body in files.items():
        key = made.inputs[name].keys[0]
        deployment.bucket.objects[key] = body
        object_created(dependencies, key)
    run_check(dependencies, made.id, deployment.clock.now() + 120_000)
    return deployment.load(made.id)


def reason_of(verification: Verification) -> tuple[str, str]:
    assert verification.verdict is not None
    return verification.verdict.decision.value, verification.verdict.reason.code


def assert_says_what_was_asked(call: Call, recorded: Mapping[str, object]) -> None:
    """A LivenessCompare, which takes no region, was recorded as one in the pinned region."""
    api = facts.apis()[call.action]
    region = {"senseid": "private"}.get(api.service, "ap-singapore" if api.regions else None)
    assert call.region == region
    if api.service != "senseid":
        assert (recorded["region"] or None) == region
    assert call.version == api.version
    assert call.face_model == ("3.0" if call.action == "DetectLiveFaceAccurate" else None)
    assert call.codes_date == facts.code_table(api.codes).date


@pytest.mark.parametrize(("check", "changes", "action", "bearer", "frames", "relayed"), WAYS)
def test_a_live_person_passes_with_one_call_and_every_frame_kept(
    deployment: Deployment,
    vendor: testing.Running,
    lines: list[str],
    caplog: pytest.LogCaptureFixture,
    check: str,
    changes: dict[str, Any],
    action: str,
    bearer: str,
    frames: int,
    relayed: int,
) -> None:
    caplog.set_level("DEBUG")
    dependencies = dependencies_of(deployment, vendor, changes)
    after = checked(deployment, dependencies, check, {})

    passed = "photo_of_live_person" if check == "photo" else "passed"
    assert reason_of(after) == ("passed", passed)
    assert after.verdict is not None
    assert set(after.verdict.scores) == {"liveness" if check == "photo" else "similarity"}
    (call,) = after.calls
    assert (call.action, call.outcome) == (action, CallOutcome.ANSWERED)
    (calls,) = vendor.calls(action)
    assert call.request_id == calls["request_id"]
    assert_says_what_was_asked(call, calls)
    assert len(vendor.calls("CreateUploadUrl")) == relayed
    assert after.evidence is not None
    assert len(after.evidence.frames) == frames
    assert (after.evidence.missing is None) == (frames > 0)
    for frame in after.evidence.frames:
        body = deployment.bucket.objects[frame.key]
        assert body.startswith(b"\xff\xd8\xff")
        assert md5_of(body) == frame.md5

    kept = [deployment.bucket.objects[frame.key] for frame in after.evidence.frames]
    written = "".join(lines) + caplog.text + deployment.records.stored[after.id].decode()
    hidden = [
        vendor.secret_key,
        vendor.cipher.key,
        vendor.cipher.iv,
        "q-sign",
        *(base64.b64encode(body).decode()[:60] for body in kept),
        *(base64.b64encode(MAKE[name](None)).decode()[:60] for name in after.inputs),
        vendor.cipher.encrypt(testing.video())[:60],
    ]
    assert after.id in written
    assert [text for text in hidden if text in written] == []


@pytest.mark.parametrize(("check", "changes", "action", "bearer", "frames", "relayed"), WAYS)
def test_a_spoof_is_rejected_with_one_call_and_nothing_kept(
    deployment: Deployment,
    vendor: testing.Running,
    check: str,
    changes: dict[str, Any],
    action: str,
    bearer: str,
    frames: int,
    relayed: int,
) -> None:
    dependencies = dependencies_of(deployment, vendor, changes)
    scenario = "photographed" if check == "photo" else "spoof"
    after = checked(deployment, dependencies, check, {bearer: scenario})

    reason = "liveness_below_threshold" if check == "photo" else "spoof_suspected"
    assert reason_of(after) == ("rejected", reason)
    assert after.evidence is None
    assert len(vendor.calls(action)) == 1
    assert not [key for key in deployment.bucket.objects if key.startswith("evidence/")]


@pytest.mark.parametrize(("check", "changes", "action", "bearer", "frames", "relayed"), WAYS)
def test_a_lost_answer_is_asked_for_once_more_and_both_calls_are_recorded(
    deployment: Deployment,
    vendor: testing.Running,
    check: str,
    changes: dict[str, Any],
    action: str,
    bearer: str,
    frames: int,
    relayed: int,
) -> None:
    dependencies = dependencies_of(deployment, vendor, changes)
    vendor.fault(action, "reset-after-body")
    waiting = checked(deployment, dependencies, check, {})
    assert waiting.due_at is not None
    assert waiting.calls[0].outcome is CallOutcome.UNKNOWN

    deployment.clock.sleep_until(waiting.due_at)
    run_check(dependencies, waiting.id, deployment.clock.now() + 120_000)
    after = deployment.load(waiting.id)

    assert reason_of(after)[0] == "passed"
    assert [call.outcome for call in after.calls] == [CallOutcome.UNKNOWN, CallOutcome.ANSWERED]
    assert len(vendor.calls(action)) == 2
