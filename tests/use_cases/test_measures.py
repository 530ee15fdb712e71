"""What the graphs, the alarms and the log of a deployment show of deliveries, calls and money."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from liveproof import facts, observability
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.states import Status
from liveproof.observability import Event, Measure, Metric
from liveproof.use_cases.request_erasure import request_erasure
from tests.support.checks import answer
from tests.support.crash_points import Killed
from tests.support.deliveries import NEVER_PAUSED, SERVER_ERROR, decided
from tests.support.deployment import CLIENT, Deployment

PRICES = {"DetectReflectLivenessAndCompare": 0.25}

Measured = list[tuple[Measure, float, dict[str, str]]]


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Measured:
    """Every value that is measured, with its dimensions."""
    values: Measured = []
    monkeypatch.setattr(
        observability,
        "measure",
        lambda measure, value, **dimensions: values.append((measure, value, dimensions)),
    )
    return values


def deliveries(measured: Measured) -> list[tuple[str, str]]:
    """Clients and outcomes, in their order; each counts once."""
    found = [(value, of) for measure, value, of in measured if measure is Measure.DELIVERIES]
    assert all(value == 1 for value, _ in found)
    return [(of["client"], of["outcome"]) for _, of in found]


def accepted(deployment: Deployment) -> None:
    deployment.deliver(decided(deployment))


def failed(deployment: Deployment) -> None:
    deployment.endpoint.script = [SERVER_ERROR]
    deployment.deliver(decided(deployment))


def put_off(deployment: Deployment) -> None:
    """The second webhook of an endpoint that the first one's answer paused."""
    deployment.endpoint.script = [WebhookResponse(410, None, 5)]
    deployment.deliver(decided(deployment))
    deployment.deliver(decided(deployment))


def fault(deployment: Deployment) -> None:
    deployment.secrets.values["webhooks"] = b"{"
    deployment.deliver(decided(deployment))


def exhausted(deployment: Deployment) -> None:
    deployment.endpoint.script = [SERVER_ERROR]
    entry = decided(deployment)
    for _ in range(len(facts.webhook_schedule().delays_seconds) + 1):
        deployment.clock.sleep_until(deployment.deliver(entry).due_at or 0)


@pytest.mark.parametrize(
    ("deliver", "outcomes"),
    [
        (accepted, ["accepted"]),
        (failed, ["failed"]),
        (put_off, ["failed", "put_off"]),
        (fault, ["fault"]),
        (exhausted, ["failed", "exhausted"]),
    ],
)
def test_a_delivery_is_counted_by_what_came_of_it(
    measured: Measured, deliver: Callable[[Deployment], None], outcomes: list[str]
) -> None:
    deliver(Deployment(webhook_pause_after_seconds=NEVER_PAUSED))

    assert deliveries(measured)[-len(outcomes) :] == [("all", outcome) for outcome in outcomes]


def busy(deployment: Deployment) -> None:
    """The second webhook of an endpoint that has accepted none, while the first one is sent."""
    first, second = decided(deployment), decided(deployment)
    send = deployment.endpoint.send

    def deliver_second_and_send(
        url: str, headers: Mapping[str, str], body: bytes, seconds_left: float
    ) -> WebhookResponse:
        deployment.endpoint.send = send  # type: ignore[method-assign]
        deployment.deliver(second)
        return send(url, headers, body, seconds_left)

    deployment.endpoint.send = deliver_second_and_send  # type: ignore[method-assign]
    deployment.deliver(first)


@pytest.mark.parametrize(
    ("deliver", "reason"), [(put_off, "endpoint_paused"), (busy, "endpoint_busy")]
)
def test_the_log_says_why_a_delivery_is_put_off(
    deployment: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    deliver: Callable[[Deployment], None],
    reason: str,
) -> None:
    reasons: list[object] = []

    def record(event: Event, **fields: object) -> None:
        if event is Event.DELIVERY_PUT_OFF:
            reasons.append(fields["reason"])

    monkeypatch.setattr(observability, "record", record)
    deliver(deployment)

    assert reasons == [reason]


@pytest.mark.parametrize(
    ("named", "clients"),
    [("", {"all"}), ("bank", {"all"}), ("bank, shop", {"all", "shop"}), ("all", {"all"})],
)
def test_only_a_client_that_the_setting_names_has_deliveries_of_its_own(
    measured: Measured, named: str, clients: set[str]
) -> None:
    """Each client would cost five metrics."""
    accepted(Deployment(metric_clients=named))

    counted = deliveries(measured)
    assert len(counted) == len(clients)
    assert set(counted) == {(client, "accepted") for client in clients}


@pytest.mark.parametrize(
    ("code", "calls", "spend"), [("Success", [1], [0.25]), ("AuthFailure.SecretIdNotFound", [], [])]
)
def test_only_a_billed_call_is_counted_with_its_price(
    measured: Measured, code: str, calls: list[int], spend: list[float]
) -> None:
    deployment = Deployment(prices=PRICES)
    deployment.check.script = [answer(code)]
    deployment.run_check(deployment.ready())

    of_check = {"check": "reflect"}
    assert [one for one in measured if one[0] is Measure.BILLED_CALLS] == [
        (Measure.BILLED_CALLS, value, of_check) for value in calls
    ]
    assert [one for one in measured if one[0] is Measure.SPEND] == [
        (Measure.SPEND, value, of_check) for value in spend
    ]


@pytest.mark.parametrize(("is_answered", "alarms"), [(True, 0), (False, 1)])
def test_an_erasure_counts_an_unknown_outcome_only_where_nobody_knows_it(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, is_answered: bool, alarms: int
) -> None:
    """An alarm asks somebody to look into the vendor's bill."""
    counted: list[Metric] = []
    entry = deployment.ready()

    def die() -> None:
        raise Killed("in the call")

    if is_answered:
        deployment.run_check(entry)
    else:
        deployment.check.during_call = die
        with pytest.raises(Killed):
            deployment.run_check(entry)
    request_erasure(deployment.dependencies, CLIENT, entry.id)
    monkeypatch.setattr(observability, "count", counted.append)

    deployment.settle()

    assert deployment.load(entry.id).status is Status.ERASED
    assert counted.count(Metric.CALL_OUTCOME_UNKNOWN) == alarms


@pytest.mark.parametrize(
    ("code", "alarms"),
    [
        ("Success", []),
        ("FailedOperation.LivessDetectFake", []),
        ("UnauthorizedOperation.Arrears", [Metric.VENDOR_ALERT]),
        ("Never.Heard", [Metric.UNKNOWN_VENDOR_CODE]),
    ],
)
def test_an_answer_raises_an_alarm_only_where_the_account_or_the_table_is_wrong(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, code: str, alarms: list[Metric]
) -> None:
    counted: list[Metric] = []
    entry = deployment.ready()
    monkeypatch.setattr(observability, "count", counted.append)
    deployment.check.script = [answer(code)]

    deployment.run_check(entry)

    assert counted == alarms
