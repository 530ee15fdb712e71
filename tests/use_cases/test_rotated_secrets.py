"""Secrets that are replaced while containers have the old ones cached: nobody is refused."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import pytest

from liveproof.api.http import Request
from liveproof.api.routes import serve
from liveproof.clouds.cached_secrets import REFRESH_MS, CachedSecrets
from liveproof.domain.ledger import CallOutcome
from liveproof.domain.verification import DeliveryState
from liveproof.vendors.errors import KeyReplaced
from tests.support.checks import answer
from tests.support.deployment import API_KEY, CLIENT, WEBHOOK_SECRET, Deployment, verdict_code

NEW_KEY = "lp_a_new_key"


@pytest.fixture
def reads(deployment: Deployment) -> list[str]:
    """What is read of the secrets' store by a container that caches, of the deployment's."""
    reads: list[str] = []

    def read(name: str) -> bytes:
        reads.append(name)
        return deployment.secrets.get(name)

    cached = CachedSecrets(read, 300, deployment.clock)
    deployment.dependencies = dataclasses.replace(deployment.dependencies, secrets=cached)
    return reads


def status(deployment: Deployment, api_key: str) -> int:
    headers = {"authorization": f"Bearer {api_key}"}
    request = Request("GET", "/v1/verifications", {}, headers, b"")
    return serve(deployment.dependencies, "read_verification", request).status


def put_keys(deployment: Deployment, *api_keys: str) -> None:
    digests = [hashlib.sha256(key.encode()).hexdigest() for key in api_keys]
    document = {"clients": {CLIENT: {"keys_sha256": digests}}}
    deployment.secrets.values["api-keys"] = json.dumps(document).encode()


def test_a_new_api_key_works_at_once(deployment: Deployment, reads: list[str]) -> None:
    assert status(deployment, API_KEY) == 200
    put_keys(deployment, API_KEY, NEW_KEY)

    assert [status(deployment, key) for key in (NEW_KEY, API_KEY)] == [200, 200]
    assert reads == ["api-keys"] * 2


def test_a_removed_api_key_ends_with_the_cache(deployment: Deployment, reads: list[str]) -> None:
    assert status(deployment, API_KEY) == 200
    put_keys(deployment, NEW_KEY)
    assert status(deployment, API_KEY) == 200

    deployment.clock.advance(300_000)
    assert [status(deployment, key) for key in (API_KEY, NEW_KEY)] == [401, 200]


def test_wrong_api_keys_read_the_store_at_a_bounded_rate(
    deployment: Deployment, reads: list[str]
) -> None:
    for _ in range(100):
        assert status(deployment, "lp_wrong") == 401
        deployment.clock.advance(REFRESH_MS // 50)

    assert len(reads) == 1 + 2  # the first, and two within the 20 seconds


def test_a_call_whose_key_was_replaced_is_made_again_and_the_ledger_says_so(
    deployment: Deployment,
) -> None:
    replaced = KeyReplaced("AuthFailure.SecretIdNotFound", "request-0")
    deployment.check.script = [replaced, answer()]
    entry = deployment.ready()
    began = deployment.clock.now()
    deployment.run_check(entry)
    deployment.settle()

    after = deployment.load(entry.id)
    assert verdict_code(after) == ("passed", "passed")
    assert [(call.outcome, call.code, call.billable) for call in after.calls] == [
        (CallOutcome.NOT_EXECUTED, "AuthFailure.SecretIdNotFound", "no"),
        (CallOutcome.ANSWERED, "Success", "yes"),
    ]
    assert after.calls[0].request_id == "request-0"
    assert after.vendor_failures == 0
    assert deployment.clock.now() - began < 30_000


def test_a_key_that_is_replaced_without_end_ends_the_verification(deployment: Deployment) -> None:
    deployment.check.script = [KeyReplaced("AuthFailure.SecretIdNotFound", "request-0")]
    entry = deployment.ready()
    deployment.run_check(entry)
    deployment.settle()

    assert verdict_code(deployment.load(entry.id)) == ("error", "not_finished")


def test_a_clients_first_webhook_goes_to_an_endpoint_that_was_just_put(
    deployment: Deployment, reads: list[str]
) -> None:
    complete = deployment.secrets.values["webhooks"]
    deployment.secrets.values["webhooks"] = b'{"endpoints": {}}'
    deployment.dependencies.secrets.get("webhooks")
    deployment.secrets.values["webhooks"] = complete

    entry = deployment.run_check(deployment.ready())
    deployment.deliver(entry)

    delivery = deployment.load(entry.id).delivery
    assert delivery is not None
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 1)


def test_an_endpoint_that_signs_is_not_read_anew_for_each_webhook(
    deployment: Deployment, reads: list[str]
) -> None:
    """Each reading costs, and a cloud limits their rate."""
    for _ in range(3):
        deployment.deliver(deployment.run_check(deployment.ready()))
        deployment.clock.advance(REFRESH_MS + 1)

    assert len(deployment.endpoint.delivered) == 3
    assert reads.count("webhooks") == 1


def test_an_endpoint_whose_secrets_are_over_gets_the_one_that_was_just_put(
    deployment: Deployment, reads: list[str]
) -> None:
    complete = deployment.secrets.values["webhooks"]
    over = {"secret": WEBHOOK_SECRET, "not_after": "2000-01-01T00:00:00Z"}
    endpoint = {"url": "https://shop.example/hooks", "secrets": [over]}
    old = json.dumps({"endpoints": {CLIENT: endpoint}}).encode()
    deployment.secrets.values["webhooks"] = old
    deployment.dependencies.secrets.get("webhooks")
    deployment.secrets.values["webhooks"] = complete

    deployment.deliver(deployment.run_check(deployment.ready()))

    assert len(deployment.endpoint.delivered) == 1
