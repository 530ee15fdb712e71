"""GET /v1/verifications/{id}/evidence: short-lived URLs, for the verification's own client."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from msgspec.structs import replace

from liveproof.api.http import Request
from liveproof.api.routes import serve
from liveproof.clock import iso
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification
from liveproof.evidence.objects import manifest_key
from tests.support.checks import FRAME, answer
from tests.support.deployment import API_KEY, Deployment, secret_values
from tests.support.evidence import PUBLIC_KEY, put_evidence_keys
from tests.support.verifications import verification


def decided(deployment: Deployment) -> Verification:
    deployment.check.script = [answer(frame=True)]
    return deployment.deliver(deployment.run_check(deployment.ready()))


def ask(deployment: Deployment, id: str, key: str = API_KEY) -> tuple[int, dict[str, Any]]:
    headers = {"authorization": f"Bearer {key}"}
    path = f"/v1/verifications/{id}/evidence"
    response = serve(
        deployment.dependencies, "read_verification", Request("GET", path, {}, headers, b"")
    )
    return response.status, json.loads(response.body)


def test_manifest_and_frames_have_urls_of_five_minutes(deployment: Deployment) -> None:
    put_evidence_keys(deployment)
    entry = decided(deployment)

    status, shown = ask(deployment, entry.id)

    assert status == 200
    assert (shown["id"], shown["decision"]) == (entry.id, "passed")
    assert shown["expires_at"] == iso(deployment.clock.now() + 300_000)
    body = deployment.bucket.objects[manifest_key(deployment.load(entry.id))]
    assert shown["manifest"]["sha256"] == hashlib.sha256(body).hexdigest()
    assert shown["manifest"]["url"].startswith(f"memory:evidence/passed/{entry.id}/manifest.json?")
    (frame,) = shown["frames"]
    assert (frame["name"], frame["size"]) == ("best_frame.jpg", len(FRAME))
    assert frame["sha256"] == hashlib.sha256(FRAME).hexdigest()
    assert (shown["manifest_missing"], shown["frames_missing"]) == (None, None)


def test_another_clients_evidence_is_not_found(deployment: Deployment) -> None:
    entry = decided(deployment)
    other = {"keys_sha256": [hashlib.sha256(b"other").hexdigest()]}
    deployment.secrets.values.update(secret_values(other=other))

    status, problem = ask(deployment, entry.id, "other")

    assert (status, problem["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "status", [Status.AWAITING_UPLOAD, Status.READY, Status.CHECKING, Status.HELD]
)
def test_before_its_decision_a_verification_has_no_evidence(
    deployment: Deployment, status: Status
) -> None:
    entry = deployment.records.save(verification(status=status))

    answered, problem = ask(deployment, entry.id)

    assert (answered, problem["code"]) == (409, "not_decided")
    assert problem["detail"].endswith(f"it is {status.value}")


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, "no_key"),
        ({"manifest": None}, "older_version"),
        ({"manifest": None, "due_at": 1}, "not_yet"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_it_says_why_there_is_no_manifest(
    deployment: Deployment, changes: dict[str, Any], missing: str
) -> None:
    entry = decided(deployment)
    deployment.records.save(replace(entry, **changes))

    status, shown = ask(deployment, entry.id)

    assert (status, shown["manifest"], shown["manifest_missing"]) == (200, None, missing)
    assert len(shown["frames"]) == 1


@pytest.mark.parametrize(
    ("code", "frame_missing"),
    [("Success", "not_offered"), ("FailedOperation.LivessDetectFake", None)],
    ids=["passed", "rejected"],
)
def test_it_says_why_there_is_no_frame_of_a_person_who_passed(
    deployment: Deployment, code: str, frame_missing: str | None
) -> None:
    put_evidence_keys(deployment)
    deployment.check.script = [answer(code)]
    entry = deployment.deliver(deployment.run_check(deployment.ready()))

    status, shown = ask(deployment, entry.id)

    assert (status, shown["frames"], shown["frames_missing"]) == (200, [], frame_missing)
    assert shown["manifest_missing"] is None


@pytest.mark.parametrize("signs", [True, False])
def test_evidence_that_the_bucket_has_deleted_is_gone(deployment: Deployment, signs: bool) -> None:
    if signs:
        put_evidence_keys(deployment)
    entry = decided(deployment)
    deployment.bucket.objects.clear()

    status, problem = ask(deployment, entry.id)

    assert (status, problem["code"]) == (410, "evidence_expired")


def test_the_keys_route_lists_the_keys_of_evidence_those_that_ended_too(
    deployment: Deployment,
) -> None:
    put_evidence_keys(deployment, {"key": PUBLIC_KEY, "not_after": "2020-01-01T00:00:00Z"})
    path = "/.well-known/liveproof/webhook-keys.json"
    response = serve(deployment.dependencies, "webhooks", Request("GET", path, {}, {}, b""))

    (key,) = json.loads(response.body)["evidence_keys"]
    assert key["public_key"] == PUBLIC_KEY
    assert key["not_after"] == "2020-01-01T00:00:00.000Z"
