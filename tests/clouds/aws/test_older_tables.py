"""A table of the version of 2026-11-26, before, in and after the steps of its upgrade."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import AwsRefused
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.domain.verification import Verification
from tests.support.aws import TABLE, account, indexes
from tests.support.older_stores import ids_of, older_items, older_table
from tests.support.older_stores_contract import OlderStoresContract

UPGRADE = ("1", "2", "3", "none")


def table_in(step: str) -> dict[str, Any]:
    """The older table after this step of the upgrade; `before` the first."""
    table = older_table()
    if step != "before":
        table["GlobalSecondaryIndexes"] = indexes(step)
    return table


class TestOlderTable(OlderStoresContract):
    step = "before"

    def names_in_due(self, saved: Verification) -> tuple[str | None, str | None]:
        if self.step == "before":
            return None, None  # the former index has neither
        return super().names_in_due(saved)

    @pytest.fixture(params=["before", *UPGRADE])
    def records(self, request: pytest.FixtureRequest, credentials: None) -> Iterator[DynamoRecords]:
        self.step = request.param
        with account(table_in(self.step)) as clients:
            for item in older_items():
                clients.dynamodb.call("PutItem", TableName=TABLE, Item=item)
            yield DynamoRecords(clients, TABLE, record_days=30)


def test_each_step_of_the_upgrade_adds_or_removes_one_index() -> None:
    steps = [
        {index["IndexName"] for index in table_in(step)["GlobalSecondaryIndexes"]}
        for step in ("before", *UPGRADE)
    ]

    changes = [before ^ after for before, after in pairwise(steps)]
    assert changes == [{"unfinished"}, {"by_client"}, {"due"}, {"recent"}]


def test_an_index_that_is_being_filled_is_not_waited_for(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DynamoDB refuses to read it as it refuses an index that is not there."""
    records = DynamoRecords(clients, TABLE, record_days=30)
    operations: list[str] = []

    def query(operation: str, /, **parameters: Any) -> Any:
        operations.append(parameters["IndexName"])
        if parameters["IndexName"] in ("unfinished", "by_client"):
            raise AwsRefused(operation, 400, "ValidationException")
        return {"Items": []}

    monkeypatch.setattr(clients.dynamodb, "call", query)

    assert ids_of(records, "shop") == []
    assert list(records.due(1, 1)) == []
    assert operations == ["by_client", "recent"] + ["unfinished", "due"] * records.due_partitions


def test_a_query_that_fails_otherwise_fails(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    def query(operation: str, /, **parameters: Any) -> Any:
        raise AwsRefused(operation, 400, "AccessDeniedException")

    monkeypatch.setattr(clients.dynamodb, "call", query)

    with pytest.raises(AwsRefused, match="AccessDenied"):
        list(DynamoRecords(clients, TABLE, record_days=30).due(1, 1))
