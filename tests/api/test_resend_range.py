"""POST /v1/deliveries: the webhooks of a period, sent again in parts."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from liveproof.domain.delivery_transitions import attempt_recorded
from liveproof.domain.requests import ResendDeliveries
from liveproof.domain.verification import Attempt, Decision, DeliveryState
from tests.support.deployment import Deployment
from tests.support.routes import ask, decided, document, problem

RANGE = "POST /v1/deliveries"


def test_a_range_of_webhooks_is_listed_in_a_dry_run_and_then_sent(deployment: Deployment) -> None:
    attempt = Attempt(at=deployment.clock.now(), latency_ms=5, status=500)
    ended = attempt_recorded(decided(deployment), attempt, DeliveryState.EXHAUSTED, None)
    entry = deployment.records.save(ended)
    wanted_range = {"since": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00+02:00"}

    answer = document(ask(deployment, RANGE, body=wanted_range))
    assert answer == {
        "dry_run": True,
        "verifications": [entry.id],
        "skipped": [],
        "next_cursor": None,
        "continue_at": None,
    }
    assert deployment.load(entry.id) == entry
    sent = document(ask(deployment, RANGE, body={**wanted_range, "dry_run": False}))
    assert sent == {**answer, "dry_run": False}
    assert [step.id for step in deployment.steps.requests] == [entry.id]
    later = {"since": "2026-12-01T00:00:00Z"}
    assert document(ask(deployment, RANGE, body=later))["verifications"] == []


def test_the_next_part_of_a_range_waits_for_its_time(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveproof.use_cases.resend_result.PART", 1)
    for _ in range(2):
        decided(deployment)
        deployment.clock.advance(1_000)
    body = {"since": "1969-11-01T00:00:00Z", "state": "delivered", "dry_run": False}
    first = document(ask(deployment, RANGE, body=body))
    response = ask(deployment, RANGE, body={**body, "cursor": first["next_cursor"]})

    problem(response, "too_soon")
    assert response.headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{}", "since"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-11-01T00:00:00"}, "since"),
        ({"since": 1795000000000}, "since"),
        ({"since": "2026-11-01T00:00:00Z", "state": "lost"}, "state"),
        ({"since": "2026-11-01T00:00:00Z", "decision": "yes"}, "decision"),
        ({"since": "2026-11-01T00:00:00Z", "dry_run": "no"}, "dry_run"),
        ({"since": "2026-11-01T00:00:00Z", "client": "other"}, "client"),
        ({"since": "2026-11-01T00:00:00Z", "cursor": "ver_1"}, "cursor"),
    ],
)
def test_an_invalid_range_is_refused_and_its_field_named(
    deployment: Deployment, body: object, field: str
) -> None:
    assert problem(ask(deployment, RANGE, body=body), "invalid_request")["field"] == field


def test_a_range_can_be_of_every_decision_and_every_state_of_a_delivery() -> None:
    types = {field.name: field.type for field in msgspec.structs.fields(ResendDeliveries)}

    assert get_args(types["state"]) == tuple(state.value for state in DeliveryState)
    assert get_args(get_args(types["decision"])[0]) == tuple(one.value for one in Decision)
