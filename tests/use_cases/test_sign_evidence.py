"""The signed manifest of a decision is stored after the webhook, whatever happens meanwhile."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime, timezone
from typing import Any

import pytest

from liveproof.clock import iso
from liveproof.domain.audit import CLIENT, first_fault
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.erasure_transitions import erasure_requested
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.evidence.objects import manifest_key
from liveproof.evidence.signing_keys import EvidenceKey, signing_key_at
from liveproof.use_cases.verify_upload import object_created
from liveproof.webhooks.keys import PrivateKey
from tests.support.checks import FRAME
from tests.support.deployment import FILES, IMAGE, Deployment, md5_of
from tests.support.evidence import PRIVATE_KEY, PUBLIC_KEY, SEED, passed, put_evidence_keys
from tests.support.verifications import NOW


def manifest_of(deployment: Deployment, entry: Verification) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(
        deployment.bucket.objects[manifest_key(deployment.load(entry.id))]
    )
    return manifest


def test_a_delivered_decision_has_a_signed_manifest_and_nothing_is_due(
    signing: Deployment,
) -> None:
    entry = passed(signing)
    after = signing.deliver(entry)

    assert after.due_at is None
    assert after.manifest is not None
    body = signing.bucket.objects[manifest_key(signing.load(entry.id))]
    assert after.manifest.sha256 == hashlib.sha256(body).hexdigest()
    assert [one.what for one in after.audit.entries[-3:]] == [
        "decided", "delivered", "manifest_signed",
    ]  # fmt: skip
    assert first_fault(after) is None


def test_the_manifest_names_what_the_decision_rests_on(signing: Deployment) -> None:
    entry = passed(signing)
    after = signing.deliver(entry)
    shown = manifest_of(signing, entry)

    assert (shown["id"], shown["client"], shown["check"]) == (entry.id, "shop", "reflect")
    assert shown["place"] == {
        "cloud": "aws",
        "region": "ap-southeast-1",
        "vendor_region": "ap-singapore",
        "bucket": "uploads-bucket",
    }
    assert shown["decision"]["decision"] == "passed"
    assert shown["threshold"] == {"value": 70, "from": "check"}
    assert shown["inputs"]["image"] == {
        "state": "proven",
        "reason": None,
        "key": entry.inputs["image"].proven_key,
        "version": None,
        "etag": md5_of(IMAGE),
        "md5": md5_of(IMAGE),
        "sha256": hashlib.sha256(IMAGE).hexdigest(),
        "size": len(IMAGE),
        "content_type": "image/jpeg",
        "format": "jpeg",
    }
    (frame,) = shown["frames"]
    assert frame["sha256"] == hashlib.sha256(FRAME).hexdigest()
    (call,) = shown["calls"]
    assert call["action"] == "DetectReflectLivenessAndCompare"
    assert (call["version"], call["billable"]) == ("2018-03-01", "yes")
    assert call["code_table"]["name"] == "faceid"
    assert call["request_id"] == entry.calls[0].request_id
    assert shown["delivery"]["state"] == "delivered"
    assert shown["times"]["signed_at"] == iso(signing.clock.now())
    # The head when it was signed: before the entry that says so.
    assert shown["audit"]["entries"] == len(after.audit.entries) - 1


@pytest.mark.parametrize("personal", ["order-7", "Ada Lovelace"])
def test_the_manifest_has_neither_reference_nor_metadata(
    signing: Deployment, personal: str
) -> None:
    entry = signing.ready(reference=personal, metadata={"name": personal})
    signing.deliver(signing.run_check(entry))

    assert personal.encode() not in signing.bucket.objects[manifest_key(signing.load(entry.id))]


def test_a_webhook_does_not_wait_for_a_bucket_that_is_down(
    signing: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = passed(signing)
    monkeypatch.setattr(signing.bucket, "put", _refuse)
    after = signing.deliver(entry)

    assert after.delivery is not None
    assert after.delivery.state is DeliveryState.DELIVERED
    assert after.manifest is None
    assert after.due_at is not None
    monkeypatch.undo()

    signing.settle(messages=False)

    after = signing.load(entry.id)
    assert (after.manifest is not None, after.due_at) == (True, None)
    assert len(signing.endpoint.delivered) == 1


def _refuse(key: str, body: bytes, content_type: str) -> None:
    raise OSError("the bucket is down")


def test_a_delivery_that_goes_on_has_its_manifest_before_its_next_attempt_minutes_later(
    signing: Deployment,
) -> None:
    entry = passed(signing)
    refused = WebhookResponse(500, None, 5)
    signing.endpoint.script = [refused, refused, WebhookResponse(204, None, 5)]
    near = signing.deliver(entry)
    assert near.manifest is None
    assert near.due_at is not None
    signing.clock.sleep_until(near.due_at)
    after = signing.deliver(entry)

    assert after.manifest is not None
    assert after.delivery is not None
    assert after.delivery.state is DeliveryState.PENDING
    assert after.due_at is not None
    assert manifest_of(signing, entry)["delivery"]["last_status"] == 500
    signing.settle()
    assert signing.load(entry.id).due_at is None


@pytest.mark.parametrize(("left_ms", "is_signed"), [(10_000, True), (9_999, False)])
def test_no_manifest_is_begun_in_the_last_ten_seconds_of_its_function(
    signing: Deployment, monkeypatch: pytest.MonkeyPatch, left_ms: int, is_signed: bool
) -> None:
    """A function that is stopped between the two writes leaves a manifest whose hash is nowhere."""
    entry = passed(signing)
    deadline = signing.clock.now() + 60_000

    def slow(*_: object) -> WebhookResponse:
        signing.clock.sleep_until(deadline - left_ms)
        return WebhookResponse(204, None, 5)

    monkeypatch.setattr(signing.endpoint, "send", slow)
    after = signing.deliver(entry)

    assert (after.manifest is not None, after.due_at is None) == (is_signed, is_signed)
    signing.settle()
    assert signing.load(entry.id).manifest is not None


def test_every_decision_has_one(signing: Deployment) -> None:
    expired = signing.create()
    refused = signing.create()
    signing.upload(refused, "image", b"other")
    signing.settle()

    for entry in (expired, refused):
        assert manifest_of(signing, entry)["calls"] == []
        assert signing.load(entry.id).due_at is None
    assert manifest_of(signing, expired)["decision"]["decision"] == "expired"
    assert manifest_of(signing, refused)["inputs"]["image"]["state"] == "refused"


def test_without_a_key_there_is_none_and_no_write_more(deployment: Deployment) -> None:
    entry = passed(deployment)
    writes = len(deployment.records.history)
    after = deployment.deliver(entry)

    assert after.manifest is not None
    assert after.manifest.missing == "no_key"
    assert after.due_at is None
    assert len(deployment.records.history) == writes + 2  # the lease, and the attempt


def test_a_key_that_cannot_be_read_at_the_moment_is_not_taken_for_none(
    signing: Deployment,
) -> None:
    """The decision would never have a manifest."""
    entry = passed(signing)
    good = signing.secrets.values["webhooks"]
    signing.secrets.values["webhooks"] = b"{"
    waiting = signing.deliver(entry)
    assert waiting.manifest is None
    assert waiting.due_at is not None

    signing.secrets.values["webhooks"] = good
    signing.settle()

    after = signing.load(entry.id)
    assert after.manifest is not None
    assert after.manifest.missing is None


def test_a_key_signs_until_its_end_and_then_the_next_one(deployment: Deployment) -> None:
    ended = iso(deployment.clock.now() - 1)
    put_evidence_keys(deployment, {"key": PRIVATE_KEY, "not_after": ended})
    without_key = deployment.deliver(passed(deployment))
    assert without_key.manifest is not None
    assert without_key.manifest.missing == "no_key"
    put_evidence_keys(deployment, {"key": PRIVATE_KEY, "not_after": ended}, {"key": PRIVATE_KEY})
    entry = deployment.deliver(passed(deployment))

    assert entry.manifest is not None
    assert entry.manifest.missing is None


@pytest.mark.parametrize(
    ("cached", "refreshed"),
    [
        ({"key": PRIVATE_KEY, "not_after": "2026-01-01T00:00:00Z"}, True),
        ({"key": PUBLIC_KEY}, True),
        (None, False),
    ],
    ids=["its time is over", "it is the public one", "no key at all"],
)
def test_a_key_that_was_put_a_moment_ago_signs_where_the_former_one_has_ended(
    deployment: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    cached: dict[str, str] | None,
    refreshed: bool,
) -> None:
    """For minutes after a rotation decisions had no manifest, and never got one."""
    refreshes: list[str] = []

    def refresh(name: str) -> bool:
        refreshes.append(name)
        put_evidence_keys(deployment)
        return True

    if cached is not None:
        put_evidence_keys(deployment, cached)
    monkeypatch.setattr(deployment.secrets, "refresh", refresh)

    after = deployment.deliver(passed(deployment))

    assert after.manifest is not None
    assert after.manifest.missing == (None if refreshed else "no_key")
    assert refreshes == ["webhooks"] * refreshed


@pytest.mark.parametrize(
    ("after_end_ms", "seed"),
    [(-1, SEED), (0, SEED), (1, bytes(32))],
    ids=["before its end", "at its end", "after its end"],
)
def test_the_last_millisecond_of_a_key_is_its_own_and_a_public_key_signs_nothing(
    after_end_ms: int, seed: bytes
) -> None:
    next_key = f"whsk_{base64.b64encode(bytes(32)).decode()}"
    not_after = datetime.fromtimestamp(NOW // 1000, tz=timezone.utc)
    keys = (
        EvidenceKey(PUBLIC_KEY),
        EvidenceKey(PRIVATE_KEY, not_after=not_after),
        EvidenceKey(next_key),
    )
    now = NOW // 1000 * 1000 + after_end_ms

    assert signing_key_at(keys, now) == PrivateKey(seed)
    assert signing_key_at(keys[:2], now) == (PrivateKey(SEED) if seed == SEED else None)


# -- uploads after the decision ---------------------------------------------------------------


def test_a_late_upload_is_counted_and_costs_a_delivery_in_flight_nothing(
    signing: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = signing.create()
    signing.upload(entry, "image")
    signing.upload(entry, "live_data")
    late = signing.load(entry.id).inputs["image"].keys[0]
    decided = signing.run_check(entry)
    renewed = f"{late}x"  # as if a second URL had been used

    def upload_late(*_: object) -> WebhookResponse:
        object_created(signing.dependencies, renewed)
        return WebhookResponse(200, None, 5)

    monkeypatch.setattr(signing.endpoint, "send", upload_late)
    after = signing.deliver(decided)

    assert after.signals == {"upload_after_decision": 1}
    assert after.delivery is not None
    assert after.delivery.state is DeliveryState.DELIVERED
    assert manifest_of(signing, entry)["signals"] == [{"code": "upload_after_decision", "count": 1}]


def test_the_event_of_a_proven_upload_that_comes_again_is_no_signal(signing: Deployment) -> None:
    entry = passed(signing)
    for name in FILES:
        key = entry.inputs[name].proven_key
        assert key is not None
        object_created(signing.dependencies, key)

    assert signing.load(entry.id) == entry


# -- erasure ----------------------------------------------------------------------------------


def test_a_verification_erased_before_its_signature_gets_no_manifest(
    signing: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = passed(signing)
    monkeypatch.setattr(signing.bucket, "put", _refuse)
    unsigned = signing.deliver(entry)
    monkeypatch.undo()
    erased = erasure_requested(unsigned, signing.clock.now(), CLIENT)
    signing.records.save(erased)

    signing.settle()

    after = signing.load(entry.id)
    assert (after.manifest, after.due_at) == (None, None)
    assert manifest_key(unsigned) not in signing.bucket.objects
    assert first_fault(after) is None


def test_the_manifest_names_the_consent_reference(signing: Deployment) -> None:
    entry = signing.ready(consent_reference="consent-7")
    signing.deliver(signing.run_check(entry))

    assert manifest_of(signing, entry)["consent"] == "consent-7"
