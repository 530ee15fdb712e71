"""How a client's endpoint is, for the client itself."""

from __future__ import annotations

import json
from typing import Any

from liveproof.api.http import Request, Response
from liveproof.api.routes import serve
from liveproof.clock import iso
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.endpoint_health import FIRST_PROBE_MS, Outcome, Report
from tests.support.deployment import API_KEY, CLIENT, Deployment


def ask(deployment: Deployment, key: str = API_KEY, **query: list[str]) -> Response:
    headers = {"authorization": f"Bearer {key}"}
    request = Request("GET", "/v1/webhooks/health", query, headers, b"")
    return serve(deployment.dependencies, "read_verification", request)


def health(deployment: Deployment) -> dict[str, Any]:
    response = ask(deployment)
    assert response.status == 200, response.body
    document: dict[str, Any] = json.loads(response.body)
    return document


def test_before_the_first_webhook_nothing_is_proven(deployment: Deployment) -> None:
    assert health(deployment) == {
        "state": "unproven",
        "attempts_in_flight": 0,
        "failing_since": None,
        "failures": 0,
        "last_failure": None,
        "paused_since": None,
        "paused_because": None,
        "next_probe_at": None,
        "last_test": None,
    }


def test_an_endpoint_that_takes_its_webhooks_is_well(deployment: Deployment) -> None:
    deployment.deliver(deployment.run_check(deployment.ready()))

    assert health(deployment)["state"] == "well"


def test_a_paused_endpoint_shows_why_and_when_it_is_probed(deployment: Deployment) -> None:
    deployment.endpoint.script = [WebhookResponse(410, None, 5)]
    deployment.deliver(deployment.run_check(deployment.ready()))
    now = deployment.clock.now()

    shown = health(deployment)
    assert (shown["state"], shown["paused_because"], shown["failures"]) == ("paused", "gone", 1)
    assert shown["paused_since"] == shown["failing_since"] == iso(now)
    assert shown["next_probe_at"] == iso(now + FIRST_PROBE_MS)
    assert shown["last_failure"] == {"at": iso(now), "answer": "410", "latency_ms": 5}


def test_the_last_test_is_shown(deployment: Deployment) -> None:
    now = deployment.clock.now()
    deployment.endpoints.record_test(CLIENT, Report(Outcome.ACCEPTED, "204", 9), now)
    deployment.endpoints.record_test(CLIENT, Report(Outcome.FAILED, "timed_out", 9), now + 1)

    assert health(deployment)["last_test"] == {
        "at": iso(now + 1),
        "answer": "timed_out",
        "accepted_at": iso(now),
    }


def test_nobody_sees_another_clients_endpoint(deployment: Deployment) -> None:
    deployment.endpoints.record_test("another", Report(Outcome.FAILED, "500", 9), 1)

    assert health(deployment)["last_test"] is None
    assert ask(deployment, key="lp_wrong").status == 401
    assert ask(deployment, client=["another"]).status == 400
