"""An endpoint that is down or slow: its deliveries wait, lose no attempt and follow in order."""

from __future__ import annotations

import itertools
import json
from functools import partial
from typing import Any

import pytest

from liveproof import observability
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.endpoint_health import FIRST_PROBE_MS, LONGEST_PAUSE_MS, State
from liveproof.domain.endpoint_permits import OUTCOME_MS, PERMIT_MS, Permit
from liveproof.domain.states import Step
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.observability import Event, Metric
from liveproof.use_cases.endpoint_health import record_test
from tests.support.crash_points import Killed
from tests.support.deployment import CLIENT, Deployment

OK = WebhookResponse(204, None, 12)
SERVER_ERROR = WebhookResponse(500, None, 30)
GONE = WebhookResponse(410, None, 5)
HOUR_MS = 3_600_000


def decided(deployment: Deployment) -> Verification:
    waiting = deployment.steps.take()
    after = deployment.run_check(deployment.ready())
    deployment.steps.requests = waiting
    return after


def delivery_of(verification: Verification) -> tuple[DeliveryState, int]:
    assert verification.delivery is not None
    return verification.delivery.state, verification.delivery.attempts


def state_of(deployment: Deployment) -> State:
    return deployment.endpoints.load(CLIENT).health.state


def paused(deployment: Deployment) -> Verification:
    """A verification whose webhook was answered with 410."""
    deployment.endpoint.script = [GONE]
    return deployment.deliver(decided(deployment))


def ids_sent(deployment: Deployment) -> list[str]:
    """The verifications that the endpoint was told of, in that order."""
    return [json.loads(sent.body)["data"]["id"] for sent in deployment.endpoint.delivered]


def test_a_410_pauses_the_endpoint_and_the_delivery_stays_due(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[tuple[Event, dict[str, Any]]] = []
    counted: list[Metric] = []
    monkeypatch.setattr(observability, "count", counted.append)
    monkeypatch.setattr(
        observability, "record", lambda event, **fields: lines.append((event, fields))
    )
    after = paused(deployment)

    assert delivery_of(after) == (DeliveryState.PENDING, 1)
    assert after.due_at == deployment.clock.now() + FIRST_PROBE_MS
    assert [(one.step, one.at) for one in deployment.steps.requests] == [
        (Step.DELIVER_RESULT, after.due_at)
    ]
    assert (Event.ENDPOINT_PAUSED, {"client": CLIENT, "answer": "410"}) in lines
    assert counted.count(Metric.ENDPOINT_PAUSED) == 1
    assert Metric.DELIVERY_EXHAUSTED not in counted


def test_failures_for_an_hour_pause_the_endpoint_and_the_schedule_stops(
    deployment: Deployment,
) -> None:
    deployment.endpoint.script = [SERVER_ERROR]
    entry = decided(deployment)
    began = deployment.clock.now()
    while state_of(deployment) is not State.PAUSED:
        entry = deployment.deliver(entry)
        deployment.clock.sleep_until(entry.due_at or 0)

    attempts = delivery_of(entry)[1]
    assert attempts == 5, "at once, after 5 s, 5 min, 30 min and 2 h"
    assert deployment.clock.now() - began < 4 * HOUR_MS
    for _ in range(20):
        entry = deployment.deliver(entry)
        deployment.clock.sleep_until(entry.due_at or 0)
    assert delivery_of(entry) == (DeliveryState.PENDING, attempts), "a probe costs no attempt"


def test_another_setting_pauses_sooner() -> None:
    deployment = Deployment(webhook_pause_after_seconds=60)
    deployment.endpoint.script = [SERVER_ERROR]
    entry = decided(deployment)
    for _ in range(3):
        entry = deployment.deliver(entry)
        deployment.clock.sleep_until(entry.due_at or 0)

    assert state_of(deployment) is State.PAUSED


def test_while_the_endpoint_is_paused_new_decisions_wait_and_nothing_is_sent(
    deployment: Deployment,
) -> None:
    paused(deployment)
    sent = len(deployment.endpoint.delivered)
    waiting = [deployment.deliver(decided(deployment)) for _ in range(3)]

    assert len(deployment.endpoint.delivered) == sent
    assert {delivery_of(entry) for entry in waiting} == {(DeliveryState.PENDING, 0)}
    for entry in waiting:
        assert entry.due_at is not None
        assert entry.due_at >= deployment.clock.now() + FIRST_PROBE_MS + OUTCOME_MS // 2


def test_when_the_endpoint_is_back_everything_is_sent_once_by_age_at_a_bounded_rate(
    deployment: Deployment,
) -> None:
    first = paused(deployment)
    others = []
    for _ in range(12):
        deployment.clock.advance(1_000)
        others.append(deployment.deliver(decided(deployment)))
    deployment.endpoint.delivered.clear()
    deployment.endpoint.script = [OK]
    deployment.settle()

    assert ids_sent(deployment) == [entry.id for entry in (first, *others)]
    for entry in (first, *others):
        assert delivery_of(deployment.load(entry.id))[0] is DeliveryState.DELIVERED
    at = [sent.at for sent in deployment.endpoint.delivered][1:]
    assert all(later - earlier >= 100 for earlier, later in itertools.pairwise(at))
    assert state_of(deployment) is State.WELL


@pytest.mark.parametrize("messages", [True, False])
def test_after_a_long_outage_nothing_is_lost_and_one_probe_at_a_time_was_made(
    deployment: Deployment, messages: bool
) -> None:
    entries = [paused(deployment)]
    entries += [deployment.deliver(decided(deployment)) for _ in range(5)]
    deployment.endpoint.delivered.clear()
    deployment.endpoint.script = [GONE] * 6 + [OK]
    deployment.settle(messages=messages)

    for entry in entries:
        assert delivery_of(deployment.load(entry.id))[0] is DeliveryState.DELIVERED
    probes = deployment.endpoint.delivered[:7]
    gaps = [later.at - earlier.at for earlier, later in itertools.pairwise(probes)]
    assert all(gap >= 2 * FIRST_PROBE_MS for gap in gaps)
    assert len(deployment.endpoint.delivered) == 6 + len(entries)


def test_a_delivery_whose_probe_fails_waits_for_a_turn(deployment: Deployment) -> None:
    entry = paused(deployment)
    deployment.clock.sleep_until(entry.due_at or 0)

    after = deployment.deliver(entry)

    assert after.due_at is not None
    assert after.due_at >= deployment.clock.now() + OUTCOME_MS // 2
    assert deployment.steps.requests[-1].at == after.due_at


def test_a_delivery_whose_probe_fails_is_not_the_next_probe_while_others_wait(
    deployment: Deployment,
) -> None:
    """The endpoint may refuse this one webhook only, and would stay paused for ever."""
    entries = [paused(deployment), *(deployment.deliver(decided(deployment)) for _ in range(2))]
    deployment.endpoint.delivered.clear()
    deployment.endpoint.script = [GONE, GONE, GONE, OK]

    deployment.settle()

    first, second, third = (entry.id for entry in entries)
    assert ids_sent(deployment)[:3] == [first, second, third]


def test_a_delivery_whose_probe_fails_while_a_test_ends_the_pause_is_due_at_once(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = paused(deployment)
    deployment.clock.sleep_until(entry.due_at or 0)

    def accept_a_test(*_: object) -> WebhookResponse:
        record_test(deployment.dependencies, CLIENT, OK.report)
        return SERVER_ERROR

    monkeypatch.setattr(deployment.endpoint, "send", accept_a_test)

    after = deployment.deliver(entry)

    assert delivery_of(after) == (DeliveryState.PENDING, 1)
    assert after.due_at == deployment.clock.now()
    assert deployment.endpoints.load(CLIENT).in_flight(deployment.clock.now()) == []


def test_a_probe_of_ours_that_was_not_sent_says_nothing_of_the_endpoint(
    deployment: Deployment,
) -> None:
    entry = paused(deployment)
    deployment.clock.sleep_until(entry.due_at or 0)
    deployment.secrets.values["webhooks"] = b"{"
    deployment.deliver(entry)

    endpoint = deployment.endpoints.load(CLIENT)
    assert (endpoint.health.state, endpoint.health.failures) == (State.PAUSED, 1)
    assert endpoint.in_flight(deployment.clock.now()) == []


def test_after_two_weeks_deliveries_end_and_an_alarm_tells(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = paused(deployment)
    other = decided(deployment)
    counted: list[Metric] = []
    monkeypatch.setattr(observability, "count", counted.append)
    deployment.clock.advance(LONGEST_PAUSE_MS)

    assert delivery_of(deployment.deliver(probe)) == (DeliveryState.EXHAUSTED, 1)
    assert delivery_of(deployment.deliver(other)) == (DeliveryState.EXHAUSTED, 0)
    assert counted == [Metric.DELIVERY_EXHAUSTED] * 2
    assert deployment.load(other.id).due_at is None


def fill(deployment: Deployment, count: int) -> list[Permit]:
    """So many attempts in flight to an endpoint that is well."""
    deployment.deliver(decided(deployment))
    now = deployment.clock.now()
    taken = [deployment.endpoints.take_permit(CLIENT, now, waited=False) for _ in range(count)]
    return [result for result in taken if isinstance(result, Permit)]


def test_an_endpoint_with_as_many_attempts_in_flight_as_there_may_be_gets_no_other(
    deployment: Deployment,
) -> None:
    in_flight = fill(deployment, 20)
    assert len(in_flight) == deployment.dependencies.settings.webhook_attempts_in_flight
    entry = decided(deployment)
    began, sent = deployment.clock.now(), len(deployment.endpoint.delivered)
    after = deployment.deliver(entry)

    assert len(deployment.endpoint.delivered) == sent
    assert deployment.clock.now() == began, "it does not wait in the function"
    assert delivery_of(after) == (DeliveryState.PENDING, 0)
    assert after.due_at is not None
    assert began + 1_000 <= after.due_at <= began + 5_000
    assert deployment.steps.requests[0].at == after.due_at
    deployment.settle()
    assert delivery_of(deployment.load(entry.id)) == (DeliveryState.DELIVERED, 1)


def test_an_endpoint_that_has_accepted_nothing_yet_gets_one_attempt_at_a_time(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [decided(deployment), decided(deployment)]
    original = deployment.endpoint.send

    def send_while_another_runs(*arguments: Any) -> WebhookResponse:
        monkeypatch.setattr(deployment.endpoint, "send", original)
        assert delivery_of(deployment.deliver(entries[1])) == (DeliveryState.PENDING, 0)
        return original(*arguments)

    monkeypatch.setattr(deployment.endpoint, "send", send_while_another_runs)
    deployment.deliver(entries[0])

    assert ids_sent(deployment) == [entries[0].id]
    deployment.settle()
    assert ids_sent(deployment) == [entry.id for entry in entries]


def test_the_permit_of_a_function_that_died_comes_back_by_time(deployment: Deployment) -> None:
    entry = decided(deployment)
    deployment.crash_points.arm("before endpoint.send")
    with pytest.raises(Killed):
        deployment.deliver(entry)
    assert len(deployment.endpoints.load(CLIENT).in_flight(deployment.clock.now())) == 1

    deployment.clock.advance(PERMIT_MS)
    assert deployment.endpoints.load(CLIENT).in_flight(deployment.clock.now()) == []


def test_a_copy_of_the_message_gives_its_permit_back(
    deployment: Deployment,
) -> None:
    entry = decided(deployment)
    deployment.records.conflicts_to_come = 1
    deployment.deliver(entry)

    assert deployment.endpoints.load(CLIENT).in_flight(deployment.clock.now()) == []
    assert deployment.endpoint.delivered == []


def test_an_attempt_counts_although_its_endpoints_health_could_not_be_saved(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(deployment.endpoints, "give_back", partial(_fail, "the store is down"))
    with caplog.at_level("ERROR"):
        after = deployment.deliver(decided(deployment))

    assert delivery_of(after) == (DeliveryState.DELIVERED, 1)
    assert "PERMIT_KEPT" in caplog.text
    assert "the store is down" not in caplog.text


def _fail(text: str, *_: object) -> None:
    raise OSError(text)


def test_the_health_of_one_client_is_not_that_of_another(deployment: Deployment) -> None:
    paused(deployment)

    assert deployment.endpoints.load("another").health.state is State.UNPROVEN
