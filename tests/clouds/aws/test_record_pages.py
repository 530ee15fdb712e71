"""How many items one DynamoDB query reads: enough for the list, and never a whole table."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof.clouds.aws import items
from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.domain.filter import Filter
from liveproof.domain.states import Status
from tests.support.aws import TABLE
from tests.support.verifications import NOW, verification

DUE = 220


@pytest.fixture
def limits(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The `Limit` of every query."""
    query_limits: list[int] = []
    call = clients.dynamodb.call

    def note(operation: str, /, **parameters: Any) -> Any:
        if operation == "Query":
            query_limits.append(parameters["Limit"])
        return call(operation, **parameters)

    monkeypatch.setattr(clients.dynamodb, "call", note)
    return query_limits


@pytest.fixture
def records(clients: Clients) -> DynamoRecords:
    return DynamoRecords(clients, TABLE, record_days=30)


def test_due_verifications_take_one_query_for_each_partition(
    records: DynamoRecords, limits: list[int]
) -> None:
    for number in range(40):
        records.save(verification(id=f"ver_{number:026d}", due_at=NOW + number))

    assert len(list(records.due(NOW + 40, 2_000))) == 40
    assert limits == [100] * records.due_partitions


def test_no_more_due_steps_are_read_of_a_partition_than_are_wanted(
    records: DynamoRecords, limits: list[int]
) -> None:
    assert list(records.due(NOW, 7)) == []
    assert limits == [7] * records.due_partitions


def test_a_partition_is_read_on_only_when_more_of_it_is_wanted(
    records: DynamoRecords, limits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "DUE_PARTITIONS", 1)
    for number in range(DUE):
        records.save(verification(id=f"ver_{number:026d}", due_at=NOW + number))
    both = 2  # the one, and that of older versions

    few = [due.due_at for due in records.due(NOW + DUE, 100)]
    assert few == list(range(NOW, NOW + 100))
    assert len(limits) == both

    limits.clear()
    assert len(list(records.due(NOW + DUE, 2_000))) == DUE
    assert len(limits) == both + DUE // 100


def test_a_listing_reads_as_many_as_it_shows(records: DynamoRecords, limits: list[int]) -> None:
    for number in range(3):
        records.save(verification(id=f"ver_{number:026d}"))

    records.recent("shop", Filter(), 2, None)
    assert limits == [2]


@pytest.mark.parametrize(("limit", "query_limit"), [(5, 50), (50, 50), (100, 100)])
def test_a_listing_of_one_status_reads_fifty_at_least_since_most_are_filtered_out(
    records: DynamoRecords, limits: list[int], limit: int, query_limit: int
) -> None:
    records.recent("shop", Filter(status=Status.READY), limit, None)

    assert limits == [query_limit]
