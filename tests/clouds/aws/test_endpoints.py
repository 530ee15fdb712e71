"""The health of endpoints on DynamoDB."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.endpoints import DynamoEndpoints
from liveproof.domain.endpoint_health import State
from liveproof.domain.endpoint_permits import Permit
from tests.support.aws import TABLE
from tests.support.dynamo_units import size_of
from tests.support.endpoints_contract import (
    ACCEPTED,
    CLIENT,
    FAILED,
    NOW,
    POLICY,
    EndpointsContract,
    attempt,
    permit,
)


class TestEndpoints(EndpointsContract):
    """What every Endpoints adapter promises."""

    @pytest.fixture
    def endpoints(self, clients: Clients) -> DynamoEndpoints:
        return DynamoEndpoints(clients, TABLE, POLICY)

    @pytest.fixture
    def other(self, clients: Clients) -> DynamoEndpoints:
        return DynamoEndpoints(clients, TABLE, POLICY)


@pytest.fixture
def requests(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations that were asked of DynamoDB."""
    operations: list[str] = []
    call = clients.dynamodb.call

    def note(operation: str, /, **parameters: Any) -> Any:
        operations.append(operation)
        return call(operation, **parameters)

    monkeypatch.setattr(clients.dynamodb, "call", note)
    return operations


def test_an_attempt_takes_two_writes_and_no_read(clients: Clients, requests: list[str]) -> None:
    endpoints = DynamoEndpoints(clients, TABLE, POLICY)
    attempt(endpoints, ACCEPTED)
    assert requests == ["GetItem", "UpdateItem", "UpdateItem"], "the first one of a function"
    counts = []
    for report in (ACCEPTED, ACCEPTED, ACCEPTED, FAILED, FAILED, ACCEPTED):
        requests.clear()
        attempt(endpoints, report)
        counts.append(requests.copy())

    assert counts == [["UpdateItem"] * 2] * 6


def test_attempts_at_the_same_time_do_not_disturb_one_another(
    clients: Clients, requests: list[str]
) -> None:
    functions = [DynamoEndpoints(clients, TABLE, POLICY) for _ in range(3)]
    attempt(functions[0], ACCEPTED)
    for taken in [permit(function) for function in functions]:
        functions[taken.number].give_back(taken, ACCEPTED, NOW)
    requests.clear()

    permits = [permit(function) for function in functions]
    for function, taken in zip(functions, permits, strict=True):
        function.give_back(taken, ACCEPTED, NOW)

    assert len(requests) == 6, "each has its own number from the last time"


def test_an_item_of_an_endpoint_is_small(clients: Clients) -> None:
    """A write of up to 1 kB is one unit."""
    policy = POLICY._replace(in_flight=50)
    endpoints = DynamoEndpoints(clients, TABLE, policy)
    attempt(endpoints, ACCEPTED)
    taken = [endpoints.take_permit(CLIENT, NOW, waited=False) for _ in range(50)]
    assert all(isinstance(result, Permit) for result in taken)
    item = clients.dynamodb.call(
        "GetItem", TableName=TABLE, Key={"pk": {"S": f"endpoint#{CLIENT}"}}
    )["Item"]

    assert size_of(item) <= 900


@pytest.mark.parametrize("health", ["{", '{"accepts": "perhaps"}', '{"a_later_field": 1}'])
def test_a_text_of_another_version_is_replaced(clients: Clients, health: str) -> None:
    item = {"pk": {"S": f"endpoint#{CLIENT}"}, "health": {"S": health}}
    clients.dynamodb.call("PutItem", TableName=TABLE, Item=item)
    endpoints = DynamoEndpoints(clients, TABLE, POLICY)

    attempt(endpoints, ACCEPTED)
    assert endpoints.load(CLIENT).health.state is State.WELL
