"""How much DynamoDB is asked for at a time: enough for what is wanted, and never a whole table."""

from __future__ import annotations

from typing import Any

import pytest

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.domain.states import Status
from tests.support.aws import TABLE
from tests.support.verifications import NOW, verification

DUE = 520


@pytest.fixture
def limits(clients: Clients) -> list[int]:
    """The `Limit` of every query."""
    asked: list[int] = []

    def note(params: dict[str, Any], **_: object) -> None:
        asked.append(params["Limit"])

    clients.dynamodb.meta.events.register("provide-client-params.dynamodb.Query", note)
    return asked


@pytest.fixture
def records(clients: Clients) -> DynamoRecords:
    return DynamoRecords(clients, TABLE, record_days=30)


def test_due_steps_are_read_in_pages_of_five_hundred(
    records: DynamoRecords, limits: list[int]
) -> None:
    for number in range(DUE):
        records.save(verification(id=f"ver_{number:026d}", due_at=NOW + number))

    assert len(list(records.due(NOW + DUE, 2_000))) == DUE
    assert limits == [500, 500]


def test_no_more_due_steps_are_read_than_are_left_to_find(
    records: DynamoRecords, limits: list[int]
) -> None:
    for number in range(DUE):
        records.save(verification(id=f"ver_{number:026d}", due_at=NOW + number))

    assert len(list(records.due(NOW + DUE, 510))) == 510
    assert limits == [500, 10]


def test_a_listing_reads_as_many_as_it_shows(records: DynamoRecords, limits: list[int]) -> None:
    for number in range(3):
        records.save(verification(id=f"ver_{number:026d}"))

    records.recent("shop", None, 2, None)
    assert limits == [2]


@pytest.mark.parametrize(("limit", "asked"), [(5, 50), (50, 50), (100, 100)])
def test_a_listing_of_one_status_reads_fifty_at_least_since_most_are_filtered_out(
    records: DynamoRecords, limits: list[int], limit: int, asked: int
) -> None:
    records.recent("shop", Status.READY, limit, None)

    assert limits == [asked]
