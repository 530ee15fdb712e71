"""POST /v1/webhooks/test: a signed event by the sender and the keys of real webhooks."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.endpoint_health import State
from liveproof.ports import SecretUnusable
from liveproof.use_cases.errors import TooSoon
from liveproof.use_cases.send_test_webhook import WebhookTest, send_test_webhook
from tests.support.deployment import CLIENT, WEBHOOK_SECRET, Deployment


def send(deployment: Deployment, client: str = CLIENT) -> WebhookTest:
    return send_test_webhook(deployment.dependencies, client)


def put_endpoint(deployment: Deployment, *secrets: Any) -> None:
    endpoint = {"url": "https://shop.example/hooks", "secrets": list(secrets)}
    document = {"endpoints": {CLIENT: endpoint}}
    deployment.secrets.values["webhooks"] = json.dumps(document).encode()


def test_it_is_a_signed_webhook_to_the_clients_endpoint(deployment: Deployment) -> None:
    test = send(deployment)
    (delivered,) = deployment.endpoint.delivered
    message = delivered.opened_with(WEBHOOK_SECRET)
    assert message["type"] == "webhook.test"
    assert delivered.url == "https://shop.example/hooks"
    assert delivered.headers["webhook-id"] == test.webhook_id
    assert delivered.headers["webhook-attempt"] == "1"
    assert test.response.accepted
    assert test.response.status == 204


def test_it_is_signed_with_every_key_that_signs_real_ones(deployment: Deployment) -> None:
    private = "whsk_" + base64.b64encode(bytes(range(32))).decode()
    put_endpoint(deployment, private, WEBHOOK_SECRET)
    send(deployment)
    (delivered,) = deployment.endpoint.delivered
    versions = [
        entry.partition(",")[0] for entry in delivered.headers["webhook-signature"].split(" ")
    ]
    assert versions == ["v1a", "v1"]


def test_its_bytes_betray_a_receiver_that_writes_the_json_again(deployment: Deployment) -> None:
    send(deployment)
    (delivered,) = deployment.endpoint.delivered
    assert delivered.body.isascii()
    again = json.dumps(json.loads(delivered.body), ensure_ascii=False, separators=(",", ":"))
    assert again.encode() != delivered.body


def test_two_tests_are_two_messages(deployment: Deployment) -> None:
    first = send(deployment)
    deployment.clock.advance(15_000)
    assert send(deployment).webhook_id != first.webhook_id


@pytest.mark.parametrize(
    "response", [WebhookResponse(500, None, 7), WebhookResponse(None, "timed_out", 15_000)]
)
def test_the_endpoints_answer_is_handed_back_and_nothing_is_tried_again(
    deployment: Deployment, response: WebhookResponse
) -> None:
    deployment.endpoint.script = [response]
    assert send(deployment).response == response
    assert len(deployment.endpoint.delivered) == 1


def test_an_accepted_test_proves_the_endpoint(deployment: Deployment) -> None:
    assert deployment.endpoints.load(CLIENT).health.state is State.UNPROVEN
    send(deployment)
    health = deployment.endpoints.load(CLIENT).health
    assert (health.state, health.test_answer) == (State.WELL, "204")
    assert health.proven_at == health.tested_at > 0


def test_a_refused_test_is_recorded_and_proves_nothing(deployment: Deployment) -> None:
    deployment.endpoint.script = [WebhookResponse(None, "timed_out", 15_000)]
    send(deployment)
    health = deployment.endpoints.load(CLIENT).health
    assert (health.state, health.test_answer) == (State.UNPROVEN, "timed_out")
    assert (health.proven_at, health.tested_at > 0) == (0, True)


def test_a_client_without_an_endpoint_gets_a_code_and_nothing_is_sent(
    deployment: Deployment,
) -> None:
    test = send(deployment, "nobody")
    assert test.response == WebhookResponse(None, "no_endpoint", 0)
    assert deployment.endpoint.delivered == []


def test_an_endpoint_whose_secrets_are_over_gets_nothing_unsigned(deployment: Deployment) -> None:
    put_endpoint(deployment, {"secret": WEBHOOK_SECRET, "not_after": "2020-01-01T00:00:00Z"})
    assert send(deployment).response.error == "no_signing_key"
    assert deployment.endpoint.delivered == []


def test_a_client_may_ask_once_in_ten_seconds(deployment: Deployment) -> None:
    send(deployment)
    with pytest.raises(TooSoon) as refused:
        send(deployment)
    assert 5 <= refused.value.retry_after <= 15
    assert len(deployment.endpoint.delivered) == 1
    deployment.clock.advance(refused.value.retry_after * 1000)
    send(deployment)
    assert len(deployment.endpoint.delivered) == 2


def test_one_client_does_not_use_up_the_tests_of_another(deployment: Deployment) -> None:
    send(deployment)
    assert send(deployment, "nobody").response.error == "no_endpoint"


def test_a_secret_that_cannot_be_read_is_an_error_of_the_deployment(
    deployment: Deployment,
) -> None:
    deployment.secrets.values["webhooks"] = b"{}"
    with pytest.raises(SecretUnusable):
        send(deployment)
