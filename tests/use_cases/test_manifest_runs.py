"""Several runs may find a manifest to be signed. The one in the bucket is the record's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.lease import lease_until
from liveproof.domain.verification import Delivery, DeliveryState, Verification
from liveproof.evidence.objects import manifest_key
from liveproof.use_cases.resend_result import resend_result
from liveproof.use_cases.sign_evidence import begin_manifest, has_begun
from tests.support.deployment import Deployment
from tests.support.evidence import passed

Meanwhile = Callable[[Deployment, Verification], object]


def interrupt(
    deployment: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    entry: Verification,
    meanwhile: Meanwhile,
) -> None:
    """The next manifest arrives in the bucket after `meanwhile`, of which it knows nothing."""
    put, is_first = deployment.bucket.put, [True]

    def slowly(key: str, body: bytes, content_type: str) -> None:
        if is_first and is_first.pop():
            meanwhile(deployment, entry)
        put(key, body, content_type)

    monkeypatch.setattr(deployment.bucket, "put", slowly)


def assert_stored(deployment: Deployment, entry: Verification) -> None:
    """The manifest is there, with the hash that the record has, and nothing is due."""
    after = deployment.load(entry.id)
    assert after.manifest is not None
    stored = deployment.bucket.objects[manifest_key(after)]
    assert after.manifest.sha256 == hashlib.sha256(stored).hexdigest()
    assert after.delivery is not None
    assert (after.delivery.signing_until, after.due_at) == (None, None)


def nothing(deployment: Deployment, entry: Verification) -> None:
    """The control."""


def the_next_attempt(deployment: Deployment, entry: Verification) -> None:
    deployment.clock.advance(20_000)
    deployment.deliver(entry)


def a_resend(deployment: Deployment, entry: Verification) -> None:
    deployment.clock.advance(1_000)
    resend_result(deployment.dependencies, entry.client, entry.id)
    deployment.deliver(entry)


def a_resend_at_the_same_time(deployment: Deployment, entry: Verification) -> None:
    """Both runs are stopped at the same millisecond."""
    resend_result(deployment.dependencies, entry.client, entry.id)
    deployment.deliver(entry)


@pytest.mark.parametrize(
    "meanwhile", [nothing, the_next_attempt, a_resend, a_resend_at_the_same_time]
)
@pytest.mark.parametrize("first_status", [204, 500])
def test_the_record_has_the_hash_of_the_manifest_in_the_bucket_although_another_attempt_was_made(
    signing: Deployment, monkeypatch: pytest.MonkeyPatch, meanwhile: Meanwhile, first_status: int
) -> None:
    """The first run's manifest came after the second one's, over it."""
    entry = passed(signing)
    accepted = WebhookResponse(204, None, 5)
    signing.endpoint.script = [WebhookResponse(first_status, None, 5), accepted, accepted]
    interrupt(signing, monkeypatch, entry, meanwhile)

    signing.deliver(entry)
    signing.settle()

    assert_stored(signing, entry)


def refuse(key: str, body: bytes, content_type: str) -> None:
    raise OSError("the bucket is down")


def the_same_step(deployment: Deployment, entry: Verification) -> None:
    deployment.clock.advance(1_000)
    deployment.deliver(entry)


@pytest.mark.parametrize("meanwhile", [nothing, the_same_step, a_resend])
def test_a_step_that_came_twice_for_a_manifest_alone_stores_the_one_whose_hash_it_records(
    signing: Deployment, monkeypatch: pytest.MonkeyPatch, meanwhile: Meanwhile
) -> None:
    entry = passed(signing)
    with monkeypatch.context() as patched:
        patched.setattr(signing.bucket, "put", refuse)
        unsigned = signing.deliver(entry)
    assert unsigned.manifest is None
    assert unsigned.due_at is not None
    signing.clock.sleep_until(unsigned.due_at)
    interrupt(signing, monkeypatch, entry, meanwhile)

    signing.deliver(entry)
    signing.settle()

    assert_stored(signing, entry)


@pytest.mark.parametrize(("after_ms", "is_begun"), [(0, True), (-1, False)])
def test_a_run_leaves_the_manifest_to_an_attempt_that_may_begin_before_its_own_end(
    signing: Deployment, after_ms: int, is_begun: bool
) -> None:
    deadline = signing.clock.now() + 60_000
    entry = replace(passed(signing), due_at=deadline + after_ms)

    begun = begin_manifest(signing.dependencies, entry, deadline)

    assert has_begun(entry, begun) == is_begun
    assert begun.due_at == entry.due_at


@pytest.mark.parametrize(("ends_in_ms", "is_begun"), [(0, True), (1, False)])
def test_a_run_leaves_the_manifest_to_another_that_may_still_store_it(
    signing: Deployment, ends_in_ms: int, is_begun: bool
) -> None:
    entry = passed(signing)
    now = signing.clock.now()
    delivery = Delivery(state=DeliveryState.DELIVERED, signing_until=now + ends_in_ms)
    entry = replace(entry, delivery=delivery, due_at=now)

    begun = begin_manifest(signing.dependencies, entry, now + 60_000)

    assert has_begun(entry, begun) == is_begun
    assert begun.due_at == lease_until(now + 60_000)
