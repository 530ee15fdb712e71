"""Limits on DynamoDB: one conditional update each, and nothing is given back twice."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import AwsError, AwsUnanswered
from liveproof.clouds.aws.limits import DynamoLimits
from liveproof.domain.limits import Counts, LimitReached, Most
from tests.support.aws import TABLE
from tests.support.limits_contract import COUNTER, DIGEST, ONE, UNTIL, LimitsContract


class TestLimits(LimitsContract):
    """What every Limits adapter promises."""

    @pytest.fixture
    def limits(self, clients: Clients) -> DynamoLimits:
        return DynamoLimits(clients, TABLE)

    @pytest.fixture
    def other(self, clients: Clients) -> DynamoLimits:
        return DynamoLimits(clients, TABLE)


@pytest.fixture
def attempts(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The attempts that were made, each an operation."""
    made: list[str] = []
    call = clients.dynamodb._call_once

    def note(operation: str, body: bytes) -> Any:
        made.append(operation)
        return call(operation, body)

    monkeypatch.setattr(clients.dynamodb, "_call_once", note)
    return made


def test_each_is_one_request_and_a_refusal_as_well(clients: Clients, attempts: list[str]) -> None:
    limits = DynamoLimits(clients, TABLE)
    limits.take(COUNTER, ONE, Most(1, 1, 250_000), UNTIL)
    with pytest.raises(LimitReached):
        limits.take(COUNTER, ONE, Most(1, 1, 250_000), UNTIL)
    limits.give_back(COUNTER, ONE)
    assert attempts == ["UpdateItem"] * 3


def test_counters_and_digests_have_a_time_to_live(clients: Clients) -> None:
    limits = DynamoLimits(clients, TABLE)
    limits.take(COUNTER, ONE, Most(), UNTIL)
    limits.remember(DIGEST, UNTIL)
    for key in (f"limit#{COUNTER}", f"rejected#{DIGEST}"):
        item = clients.dynamodb.call("GetItem", TableName=TABLE, Key={"pk": {"S": key}})["Item"]
        assert item["ttl"] == {"N": str(UNTIL // 1000)}


def test_a_return_whose_answer_was_lost_is_not_made_again(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = DynamoLimits(clients, TABLE)
    limits.take(COUNTER, ONE, Most(), UNTIL)
    call = clients.dynamodb._call_once

    def lose(operation: str, body: bytes) -> Any:
        call(operation, body)
        raise AwsUnanswered(operation, "the connection broke", sent=True)

    monkeypatch.setattr(clients.dynamodb, "_call_once", lose)
    with pytest.raises(AwsError):
        limits.give_back(COUNTER, ONE)
    monkeypatch.setattr(clients.dynamodb, "_call_once", call)
    assert limits.take(COUNTER, Counts(), Most(), UNTIL) == Counts()
