"""Slots in time on DynamoDB."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.quota import DynamoQuota
from liveproof.domain.breaker import LEAST_OUTCOMES
from liveproof.domain.pace import PREPARED_MS
from tests.support.aws import TABLE
from tests.support.breaker_contract import BreakerContract
from tests.support.quota_contract import NEAR, NOW, QuotaContract, expected_slots


class TestQuota(QuotaContract, BreakerContract):
    """What every Quota adapter promises."""

    @pytest.fixture
    def quota(self, clients: Clients) -> DynamoQuota:
        return DynamoQuota(clients, TABLE)

    @pytest.fixture
    def other(self, clients: Clients) -> DynamoQuota:
        return DynamoQuota(clients, TABLE)


def test_an_item_of_an_older_version_is_a_limit_that_is_idle(clients: Clients) -> None:
    """Its slots, in milliseconds, were promised to runs that do not ask for them any more."""
    item = {"pk": {"S": "quota#reflect"}, "next_at": {"N": str(NOW + 90_000)}}
    clients.dynamodb.call("PutItem", TableName=TABLE, Item=item)
    quota = DynamoQuota(clients, TABLE)

    assert [quota.reserve("reflect", 5, NOW) for _ in range(2)] == [NOW, NOW + NEAR]


@pytest.fixture
def requests(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests of the table, which grow."""
    requests: list[str] = []
    call = clients.dynamodb.call

    def note(operation: str, /, **parameters: Any) -> Any:
        requests.append(operation)
        return call(operation, **parameters)

    monkeypatch.setattr(clients.dynamodb, "call", note)
    return requests


def test_a_reservation_in_a_line_is_one_update_also_at_a_slower_pace(
    clients: Clients, requests: list[str]
) -> None:
    quota = DynamoQuota(clients, TABLE)
    counts = []
    for step in ("idle", "near", "line", "line", "slow", "line", "line"):
        if step == "slow":
            DynamoQuota(clients, TABLE).slow_down("reflect", NOW)
        requests.clear()
        quota.reserve("reflect", 5, NOW)
        counts.append(len(requests))

    assert counts == [1, 2, 2, 1, 2, 1, 1]


def test_a_reservation_of_an_idle_limit_is_one_update_but_the_first_after_a_line(
    clients: Clients, requests: list[str]
) -> None:
    quota = DynamoQuota(clients, TABLE)
    for _ in range(4):
        quota.reserve("reflect", 5, NOW)
    counts = []
    for minute in range(1, 4):
        requests.clear()
        now = NOW + minute * 60_000
        assert quota.reserve("reflect", 5, now) == now
        counts.append(len(requests))

    assert counts == [2, 1, 1]


def test_a_reservation_that_cannot_wait_is_one_update_when_the_line_has_moved_up(
    clients: Clients, requests: list[str]
) -> None:
    quota = DynamoQuota(clients, TABLE)
    slots = expected_slots(6)
    assert [quota.reserve("reflect", 5, NOW) for _ in range(5)] == slots[:5]
    now = slots[5] - PREPARED_MS // 2
    requests.clear()

    assert quota.reserve("reflect", 5, now, now + PREPARED_MS - 1) == slots[5]
    assert len(requests) == 1


def test_a_failure_that_is_counted_beside_the_one_that_opens_the_breaker_opens_it_not_again(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It came between the other function's count and its change of the breaker."""
    quota, other = DynamoQuota(clients, TABLE), DynamoQuota(clients, TABLE)
    for _ in range(LEAST_OUTCOMES - 1):
        quota.record_failure("reflect", NOW)
    call, opened = clients.dynamodb.call, []

    def first_the_other(operation: str, /, **parameters: Any) -> Any:
        if "window_at" in parameters["UpdateExpression"]:
            monkeypatch.setattr(clients.dynamodb, "call", call)
            opened.append(other.record_failure("reflect", NOW))
        return call(operation, **parameters)

    monkeypatch.setattr(clients.dynamodb, "call", first_the_other)
    opened.append(quota.record_failure("reflect", NOW))

    assert opened == [True, False]
