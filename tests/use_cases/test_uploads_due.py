"""At its expiry a verification's uploads are looked for once more, or it expires."""

from __future__ import annotations

from msgspec.structs import replace

from liveproof.domain.states import Status
from liveproof.domain.verification import Decision
from liveproof.use_cases.verify_upload import uploads_due
from tests.support.deployment import IMAGE, Deployment, verdict_code


def test_an_upload_without_an_event_is_proven_when_time_is_up(deployment: Deployment) -> None:
    entry = deployment.create()
    deployment.put(entry, "image")
    deployment.put(entry, "live_data")
    deployment.settle()

    assert verdict_code(deployment.load(entry.id))[1] == "passed"


def test_a_verification_whose_uploads_did_not_arrive_expires(deployment: Deployment) -> None:
    entry = deployment.create()
    deployment.upload(entry, "image")
    deployment.settle()
    after = deployment.load(entry.id)

    assert after.verdict is not None
    assert after.verdict.decision is Decision.EXPIRED
    assert after.verdict.decided_at >= entry.expires_at
    assert deployment.check.calls == 0


def test_an_upload_that_comes_after_the_expiry_is_not_even_read(deployment: Deployment) -> None:
    entry = deployment.create()
    deployment.settle()
    expired = deployment.load(entry.id)
    deployment.upload(entry, "image")

    after = deployment.load(entry.id)
    assert after.signals == {"upload_after_decision": 1}
    assert replace(after, signals={}, version=expired.version) == expired
    assert deployment.bucket.reads == []


def test_a_step_message_that_comes_early_expires_nothing(deployment: Deployment) -> None:
    entry = deployment.create()
    uploads_due(deployment.dependencies, entry.id, deployment.clock.now() + 60_000)

    assert deployment.load(entry.id).status is Status.AWAITING_UPLOAD


def test_wrong_bytes_without_an_event_are_refused_and_not_expired(
    deployment: Deployment,
) -> None:
    entry = deployment.create()
    deployment.put(entry, "image", IMAGE + b"!")
    deployment.settle()

    assert verdict_code(deployment.load(entry.id))[1] == "wrong_size"


def test_an_unknown_verification_is_skipped(deployment: Deployment) -> None:
    uploads_due(deployment.dependencies, "ver_" + "0" * 26, deployment.clock.now() + 60_000)

    assert deployment.steps.requests == []
