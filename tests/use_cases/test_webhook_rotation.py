"""Replacing an endpoint's secrets: which ones sign, to the second."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from liveproof import observability
from liveproof.clock import iso
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.observability import Metric
from liveproof.webhooks.keys import parse_key
from tests.support.deployment import CLIENT, Deployment

OLD, NEW = ("whsec_" + base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
OLD_PRIVATE, NEW_PRIVATE = ("whsk_" + base64.b64encode(bytes([n]) * 32).decode() for n in (3, 4))


def put(deployment: Deployment, *secrets: Any) -> None:
    endpoint = {"url": "https://shop.example/hooks", "secrets": secrets}
    document = {"endpoints": {CLIENT: endpoint}}
    deployment.secrets.values["webhooks"] = json.dumps(document).encode()


def until(secret: str, at: int) -> dict[str, str]:
    return {"secret": secret, "not_after": iso(at)}


def signed_by(deployment: Deployment, *texts: str) -> set[str]:
    """Which of the secrets signed the webhook that was delivered last."""
    sent = deployment.endpoint.delivered[-1]
    headers, body = sent.headers, sent.body
    prefix = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode()
    signatures = headers["webhook-signature"].split(" ")
    keys = set()
    for text in texts:
        key = parse_key(text)
        signature = base64.b64encode(key.sign(prefix + body)).decode()
        if f"{key.version},{signature}" in signatures:
            keys.add(text)
    assert len(keys) == len(signatures)
    return keys


def senders(deployment: Deployment, number: int) -> list[Callable[[int], None]]:
    """Each delivers its own decision at a time."""

    def sender(entry: Verification) -> Callable[[int], None]:
        def send(at: int) -> None:
            assert deployment.clock.now() <= at
            deployment.clock.sleep_until(at)
            deployment.deliver(entry)

        return send

    return [sender(deployment.run_check(deployment.ready())) for _ in range(number)]


@pytest.mark.parametrize(("old", "new"), [(OLD, NEW), (OLD_PRIVATE, NEW_PRIVATE)])
def test_the_old_secret_signs_beside_the_new_one_until_its_last_second(
    deployment: Deployment, old: str, new: str
) -> None:
    end = deployment.clock.now() // 1000 * 1000 + 3_600_000
    put(deployment, new, until(old, end))

    moments = [(-1_000, {old, new}), (0, {old, new}), (1_000, {new})]
    for send, (after, signing) in zip(senders(deployment, 3), moments, strict=True):
        send(end + after)
        assert signed_by(deployment, old, new) == signing, after


def test_the_end_of_a_secret_may_be_written_in_any_zone(deployment: Deployment) -> None:
    put(deployment, OLD, {"secret": NEW, "not_after": "2026-12-31T08:00:00+08:00"})
    end = 1_798_675_200_000  # 2026-12-31T00:00:00Z
    at_the_end, after_it = senders(deployment, 2)

    at_the_end(end)
    assert signed_by(deployment, OLD, NEW) == {OLD, NEW}
    after_it(end + 1_000)
    assert signed_by(deployment, OLD, NEW) == {OLD}


def test_without_a_secret_that_signs_nothing_is_sent_no_attempt_counts_and_an_alarm_rings(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Metric] = []
    monkeypatch.setattr(observability, "count", counted.append)
    end = deployment.clock.now() + 60_000
    put(deployment, until(OLD, end), until(NEW_PRIVATE, end - 1))
    entry = deployment.run_check(deployment.ready())
    deployment.clock.sleep_until(end + 1)

    waiting = deployment.deliver(entry)

    assert deployment.endpoint.delivered == []
    assert Metric.DELIVERY_FAULT in counted
    assert waiting.delivery is not None
    assert waiting.delivery.last_attempt is not None
    assert waiting.delivery.last_attempt.error == "no_signing_key"
    assert (waiting.delivery.state, waiting.delivery.attempts) == (DeliveryState.PENDING, 0)

    put(deployment, NEW)
    deployment.settle()
    assert signed_by(deployment, NEW) == {NEW}


class DeploymentKey:
    """The deployment's own key, as KMS has it."""

    version = "v1a"

    def sign(self, content: bytes) -> bytes:
        return parse_key(NEW_PRIVATE).sign(content)

    def public_key(self) -> bytes:
        raise AssertionError("not asked for")


def with_deployment_key(deployment: Deployment) -> None:
    deployment.dependencies = replace(deployment.dependencies, webhook_key=DeploymentKey())


def test_an_endpoint_may_leave_its_signature_to_the_deployments_key(deployment: Deployment) -> None:
    with_deployment_key(deployment)
    put(deployment)
    deployment.deliver(deployment.run_check(deployment.ready()))

    assert signed_by(deployment, NEW_PRIVATE) == {NEW_PRIVATE}


def test_with_neither_a_secret_nor_a_key_of_the_deployment_nothing_is_sent(
    deployment: Deployment,
) -> None:
    put(deployment)
    waiting = deployment.deliver(deployment.run_check(deployment.ready()))

    assert deployment.endpoint.delivered == []
    assert waiting.delivery is not None
    assert waiting.delivery.last_attempt is not None
    assert waiting.delivery.last_attempt.error == "no_signing_key"


def test_the_deployments_key_does_not_stand_in_for_secrets_that_have_ended(
    deployment: Deployment,
) -> None:
    with_deployment_key(deployment)
    put(deployment, until(OLD, deployment.clock.now() - 1))
    deployment.deliver(deployment.run_check(deployment.ready()))

    assert deployment.endpoint.delivered == []
