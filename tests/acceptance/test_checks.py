"""Every other check's way, deployed, and the reflect flow's first step."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from liveproof import facts
from tests.acceptance.client import Client
from tests.support.api import Api, ApiError
from tools.demo import frames


@pytest.mark.parametrize("check", ["video", "silent"])
def test_a_film_passes_and_the_kept_frame_is_one_of_it(client: Client, check: str) -> None:
    files = client.files(None, check)
    created = client.create(files, check)
    client.upload(created, files)
    seen = client.outcome(created["id"])
    assert (seen["decision"], seen["reason"]["code"]) == ("passed", "passed")
    assert frames.nearest(files["video"].data, client.kept_frame(seen)).is_frame
    (webhook,) = client.webhooks(created["id"])
    assert webhook["data"]["check"] == check
    assert set(webhook["data"]["scores"]) == {facts.checks()[check].score}


def test_a_photo_of_a_live_person_passes_and_leaves_no_frame(client: Client) -> None:
    created = client.start(check="photo")
    seen = client.outcome(created["id"])
    assert seen["decision"] == "passed"
    assert seen["scores"] == {"liveness": 98.0}
    assert seen["evidence"] == {"frames": [], "missing": "not_offered"}


@pytest.mark.parametrize(
    ("check", "scenario", "decision", "reason"),
    [
        ("video", "other-person", "rejected", "other_person"),
        ("video", "too-dark", "resubmit", "too_dark"),
        ("video", "unknown-code", "error", "vendor_code_unknown"),
        ("photo", "photographed", "rejected", "liveness_below_threshold"),
        ("photo", "no-face", "resubmit", "photo_no_face"),
        ("photo", "missing-score", "error", "vendor_answer_incomplete"),
        ("silent", "spoof", "rejected", "spoof_suspected"),
        ("silent", "spoof-as-error", "rejected", "not_live"),
        ("silent", "at-threshold", "rejected", "score_below_threshold"),
        ("silent", "short-video", "resubmit", "recording_too_short"),
        ("silent", "missing-passed", "error", "vendor_answer_incomplete"),
    ],
)
def test_each_checks_answer_becomes_the_decision_with_one_call(
    client: Client, check: str, scenario: str, decision: str, reason: str
) -> None:
    seen = client.outcome(client.start(scenario, check)["id"])
    assert (seen["decision"], seen["reason"]["code"]) == (decision, reason)
    (call,) = client.paid_calls(facts.checks()[check].apis[0])
    assert call["scenario"] == scenario
    assert [call["outcome"] for call in seen["calls"]] == ["answered"]


@pytest.mark.parametrize(
    "challenge",
    [{"type": "lip", "data": "4071"}, {"type": "action", "data": "2,1"}, {"type": "silent"}],
    ids=lambda challenge: challenge["type"],
)
def test_a_challenge_is_sent_as_the_vendor_wants_it(
    client: Client, challenge: dict[str, Any]
) -> None:
    seen = client.outcome(client.start(check="video", challenge=challenge)["id"])
    assert seen["decision"] == "passed"


def test_a_call_whose_outcome_is_unknown_is_repeated_once_for_every_check(
    client: Client,
) -> None:
    started = {}
    for check in ("video", "photo", "silent"):
        action = facts.checks()[check].apis[0]
        client.cloud.emulator.fault(action, "reset-after-body")
        started[check] = client.start(check=check)["id"]
    for check, verification_id in started.items():
        seen = client.outcome(verification_id)
        assert seen["decision"] == "passed", check
        assert [call["outcome"] for call in seen["calls"]] == ["unknown", "answered"], check


def test_a_light_sequence_comes_with_its_md5_and_is_the_vendors(client: Client) -> None:
    device_data = json.dumps({"platform": 2, "select_data": "{}"})
    answer = client.api.reflect_sequence(device_data, security_level=3)
    sequence = base64.b64decode(answer["content_base64"], validate=True)
    assert hashlib.md5(sequence, usedforsecurity=False).hexdigest() == answer["md5"]
    sequence_document = json.loads(base64.b64decode(sequence))
    assert sequence_document["security_level"] == "3"
    sent = base64.b64encode(device_data.encode())
    assert sequence_document["emulated_sequence"] == hashlib.sha256(sent).hexdigest()
    assert len(client.paid_calls("GenerateReflectSequence")) == 1


def test_a_sequence_that_is_not_the_vendors_is_not_passed_on(client: Client) -> None:
    client.cloud.emulator.fault("GenerateReflectSequence", "sequence-wrong-md5")
    with pytest.raises(ApiError) as refused:
        client.api.reflect_sequence("{}")
    assert (refused.value.status, refused.value.code) == (502, "vendor_failed")


def test_sequences_want_the_clients_key(client: Client) -> None:
    stranger = Api(client.cloud.api, "lp_nobodys")
    with pytest.raises(ApiError) as refused:
        stranger.reflect_sequence("{}")
    assert refused.value.status == 401
    assert client.cloud.emulator.calls() == []
