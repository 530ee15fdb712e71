"""POST /v1/webhooks/test: how it says what the endpoint did."""

from __future__ import annotations

import json
from typing import Any

from liveproof.api.http import Request, Response
from liveproof.api.routes import serve
from liveproof.domain.delivery import WebhookResponse
from tests.support.deployment import API_KEY, CLIENT, Deployment


def ask(deployment: Deployment, body: bytes = b"") -> Response:
    headers = {"authorization": f"Bearer {API_KEY}"}
    request = Request("POST", "/v1/webhooks/test", {}, headers, body)
    return serve(deployment.dependencies, "webhooks", request)


def document(response: Response) -> dict[str, Any]:
    assert response.status == 200, response.body
    answer: dict[str, Any] = json.loads(response.body)
    return answer


def test_it_says_that_the_endpoint_accepts_webhooks(deployment: Deployment) -> None:
    shown = document(ask(deployment))
    assert shown.pop("webhook_id").startswith("msg_test_")
    assert shown == {
        "accepted": True,
        "client": CLIENT,
        "status": 204,
        "error": None,
        "latency_ms": 12,
        "answer": None,
        "explanation": "The endpoint answered 204 after 12 ms. It accepts webhooks.",
        "advice": None,
    }


def test_it_says_what_the_endpoint_answered_and_what_to_do(deployment: Deployment) -> None:
    deployment.endpoint.script = [WebhookResponse(401, None, 7, answer="bad signature")]
    shown = document(ask(deployment))
    assert (shown["accepted"], shown["status"], shown["answer"]) == (False, 401, "bad signature")
    assert "`liveproof webhook verify`" in shown["advice"]


def test_a_second_test_at_once_says_when_to_ask_again(deployment: Deployment) -> None:
    ask(deployment)
    refused = ask(deployment)
    assert refused.status == 429
    assert json.loads(refused.body)["code"] == "too_soon"
    assert int(refused.headers["Retry-After"]) in range(5, 16)


def test_it_takes_no_body(deployment: Deployment) -> None:
    assert ask(deployment, b'{"client": "another"}').status == 400
    assert ask(deployment, b"{}").status == 200
