"""Sending a decision again: a new delivery of the same message."""

from __future__ import annotations

import pytest

from liveproof import facts
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.use_cases.errors import InvalidState, NotFound
from liveproof.use_cases.resend_result import resend_result
from tests.support.deployment import CLIENT, WEBHOOK_SECRET, Deployment


def decided(deployment: Deployment) -> Verification:
    after = deployment.run_check(deployment.ready())
    deployment.steps.take()
    return after


def test_sending_again_keeps_the_id_and_signs_anew(deployment: Deployment) -> None:
    entry = decided(deployment)
    deployment.deliver(entry)
    deployment.clock.advance(3_600_000)
    resend_result(deployment.dependencies, CLIENT, entry.id)
    deployment.settle()

    first, second = deployment.endpoint.delivered
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert (
        int(second.headers["webhook-timestamp"]) >= int(first.headers["webhook-timestamp"]) + 3600
    )
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    second.opened_with(WEBHOOK_SECRET)
    delivery = deployment.load(entry.id).delivery
    assert delivery is not None
    assert (delivery.number, delivery.attempts) == (2, 1)


def test_an_exhausted_delivery_sent_again_has_its_whole_schedule() -> None:
    attempts = len(facts.webhook_schedule().delays_seconds) + 1
    failed = WebhookResponse(500, None, 30)
    deployment = Deployment(webhook_pause_after_seconds=604_800)
    deployment.endpoint.script = [failed] * (attempts + 1) + [WebhookResponse(200, None, 5)]
    entry = decided(deployment)
    deployment.settle()
    exhausted = deployment.load(entry.id).delivery
    assert exhausted is not None
    assert exhausted.state is DeliveryState.EXHAUSTED
    resend_result(deployment.dependencies, CLIENT, entry.id)
    deployment.settle()

    delivery = deployment.load(entry.id).delivery
    assert delivery is not None
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 2)


def test_nothing_is_sent_again_before_the_decision(deployment: Deployment) -> None:
    with pytest.raises(InvalidState, match="no decision yet"):
        resend_result(deployment.dependencies, CLIENT, deployment.ready().id)


def test_nothing_is_sent_again_for_another_client(deployment: Deployment) -> None:
    with pytest.raises(NotFound):
        resend_result(deployment.dependencies, "other", decided(deployment).id)


def test_a_change_in_the_same_moment_is_told_as_such(deployment: Deployment) -> None:
    entry = decided(deployment)
    deployment.records.conflicts_to_come = 1

    with pytest.raises(InvalidState, match="ask again"):
        resend_result(deployment.dependencies, CLIENT, entry.id)
