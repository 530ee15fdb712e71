"""Slots in time on DynamoDB."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.quota import DynamoQuota
from tests.support.aws import TABLE
from tests.support.quota_contract import NEAR, NOW, BreakerContract, QuotaContract


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


def test_a_reservation_in_a_line_is_one_update_also_at_a_slower_pace(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota = DynamoQuota(clients, TABLE)
    requests: list[str] = []
    call = clients.dynamodb.call

    def note(operation: str, /, **parameters: Any) -> Any:
        requests.append(operation)
        return call(operation, **parameters)

    monkeypatch.setattr(clients.dynamodb, "call", note)
    counts = []
    for step in ("idle", "near", "line", "slow", "line", "line"):
        if step == "slow":
            DynamoQuota(clients, TABLE).slow_down("reflect", NOW)
        requests.clear()
        quota.reserve("reflect", 5, NOW)
        counts.append(len(requests))

    assert counts == [2, 2, 1, 2, 1, 1]
