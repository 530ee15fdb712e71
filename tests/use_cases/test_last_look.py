"""The last look at an erased verification's files comes in time, whatever its webhook waits for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.erasure_transitions import last_look_at
from liveproof.domain.states import Status
from liveproof.domain.verification import Verification
from liveproof.use_cases.erase import erase
from liveproof.use_cases.request_erasure import request_erasure
from liveproof.use_cases.sweep import GRACE_MS, sweep
from tests.support.deliveries import NEVER_PAUSED, SERVER_ERROR
from tests.support.deployment import CLIENT, Deployment

MINUTE_MS = 60_000
ACCEPTED = WebhookResponse(204, None, 12)
GONE = WebhookResponse(410, None, 12)


def a_retry(deployment: Deployment) -> None:
    """The endpoint fails, and each attempt is further away than the one before."""


def a_pause(deployment: Deployment) -> None:
    """The endpoint is paused, so the webhook waits for its turn."""
    deployment.endpoint.script = [GONE, SERVER_ERROR]


def a_fault(deployment: Deployment) -> None:
    """A fault of ours keeps every webhook back."""
    deployment.secrets.values["webhooks"] = b'{"endpoints": {}}'


def nothing(deployment: Deployment) -> None:
    """The control: the endpoint accepts at once."""
    deployment.endpoint.script = [ACCEPTED]


def erased(deployment: Deployment) -> tuple[Verification, int]:
    """An erased verification, and when nothing can come any more."""
    entry = deployment.run_check(deployment.ready())
    requested = request_erasure(deployment.dependencies, CLIENT, entry.id)
    return requested, last_look_at(requested)


def pass_time(deployment: Deployment, until: int) -> None:
    """Messages that are due are handled, and the sweep requests the rest, up to a time."""
    clock = deployment.clock
    while True:
        for one in deployment.steps.take():
            if (one.at or 0) <= clock.now():
                deployment.perform(one)
        if clock.now() >= until:
            return
        clock.advance(20_000)
        sweep(deployment.dependencies, clock.now() + 50_000)


@pytest.mark.parametrize("meanwhile", [nothing, a_retry, a_pause, a_fault])
def test_a_late_file_without_an_event_is_deleted_in_time_although_the_webhook_is_still_due(
    meanwhile: Callable[[Deployment], None],
) -> None:
    """It lay there until the delivery had ended: for three days, or two weeks of a pause."""
    deployment = Deployment(webhook_pause_after_seconds=NEVER_PAUSED)
    deployment.endpoint.script = [SERVER_ERROR]
    meanwhile(deployment)
    entry, last_look = erased(deployment)
    pass_time(deployment, last_look - 5 * MINUTE_MS)
    assert deployment.load(entry.id).status is Status.ERASED
    late = f"uploads/{entry.id}/image/late"
    deployment.bucket.objects[late] = b"a face"

    pass_time(deployment, last_look + GRACE_MS + 2 * MINUTE_MS)

    assert late not in deployment.bucket.objects


def look_due_before_the_attempt(deployment: Deployment) -> tuple[Verification, int]:
    """An erased verification whose look at the bucket is due, and when the next attempt is."""
    deployment.endpoint.script = [SERVER_ERROR]
    entry, last_look = erased(deployment)
    pass_time(deployment, last_look - MINUTE_MS)
    delivery = deployment.load(entry.id).delivery
    assert delivery is not None
    assert delivery.last_attempt is not None
    next_at = delivery.last_attempt.next_at
    assert next_at is not None
    assert next_at > last_look
    deployment.clock.sleep_until(last_look)
    return deployment.load(entry.id), next_at


def test_a_look_at_the_bucket_brings_no_attempt_forward() -> None:
    deployment = Deployment(webhook_pause_after_seconds=NEVER_PAUSED)
    entry, next_at = look_due_before_the_attempt(deployment)
    attempts = len(deployment.endpoint.delivered)
    assert entry.is_due(deployment.clock.now())

    assert deployment.deliver(entry) == entry
    pass_time(deployment, next_at - MINUTE_MS)
    assert len(deployment.endpoint.delivered) == attempts
    pass_time(deployment, next_at + GRACE_MS + 2 * MINUTE_MS)

    assert len(deployment.endpoint.delivered) == attempts + 1


def test_a_bucket_that_fails_at_the_last_look_keeps_no_attempt_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployment = Deployment(webhook_pause_after_seconds=NEVER_PAUSED)
    entry, next_at = look_due_before_the_attempt(deployment)
    attempts = len(deployment.endpoint.delivered)

    def fail(prefix: str) -> None:
        raise OSError("the bucket is down")

    with monkeypatch.context() as patched:
        patched.setattr(deployment.bucket, "versions", fail)
        with pytest.raises(OSError, match="down"):
            erase(deployment.dependencies, entry.id, deployment.clock.now() + MINUTE_MS)
        deployment.clock.sleep_until(next_at)
        deployment.deliver(entry)
    assert len(deployment.endpoint.delivered) == attempts + 1

    deployment.settle()

    after = deployment.load(entry.id)
    assert after.erasure is not None
    assert (after.erasure.look_at, after.due_at) == (None, None)
