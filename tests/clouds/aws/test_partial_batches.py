"""BatchGetItem may return only a part of the requested items: the rest is requested again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from moto.core.responses import ActionResult
from moto.dynamodb.responses import DynamoHandler

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.domain.filter import Filter
from tests.support.aws import TABLE
from tests.support.verifications import numbered

ANSWER = DynamoHandler.batch_get_item


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long it was waited, in seconds."""
    waited: list[float] = []
    monkeypatch.setattr("liveproof.clouds.aws.listing.time.sleep", waited.append)
    return waited


def limit_batches(monkeypatch: pytest.MonkeyPatch, most: Callable[[int], int]) -> list[int]:
    """Let batch number N return `most(N)` items at most; how many keys each asked for."""
    key_counts: list[int] = []

    def part(handler: DynamoHandler) -> Any:
        (request,) = handler.body["RequestItems"].values()
        keys = request["Keys"]
        count = most(len(key_counts))
        key_counts.append(len(keys))
        handler.body["RequestItems"] = {TABLE: {**request, "Keys": keys[:count] or keys[:1]}}
        result: Any = ANSWER(handler).result
        responses = result["Responses"] if count else {}
        left = {TABLE: {"Keys": keys[count:]}} if keys[count:] else {}
        return ActionResult({"Responses": responses, "UnprocessedKeys": left})

    monkeypatch.setattr(DynamoHandler, "batch_get_item", part)
    return key_counts


@pytest.fixture
def records(clients: Clients) -> DynamoRecords:
    records = DynamoRecords(clients, TABLE, record_days=30)
    for number in range(7):
        records.save(numbered(number))
    return records


def test_a_list_is_complete_although_each_batch_returns_two(
    records: DynamoRecords, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    key_counts = limit_batches(monkeypatch, lambda number: 2)

    page = records.recent("shop", Filter(), 7, None)

    assert [int(verification.id[4:]) for verification in page.verifications] == [
        6,
        5,
        4,
        3,
        2,
        1,
        0,
    ]
    assert key_counts == [7, 5, 3, 1]
    assert len(pauses) == 3


def test_batches_that_return_nothing_end_the_list_with_an_error(
    records: DynamoRecords, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    key_counts = limit_batches(monkeypatch, lambda number: 0)

    with pytest.raises(TimeoutError):
        records.recent("shop", Filter(), 7, None)
    assert key_counts == [7] * 6
    assert all(pause <= 0.02 * 2**number for number, pause in enumerate(pauses, start=1))


def test_the_last_batch_may_be_the_one_that_completes_the_list(
    records: DynamoRecords, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    limit_batches(monkeypatch, lambda number: 7 if number == 5 else 0)

    assert len(records.recent("shop", Filter(), 7, None).verifications) == 7


def test_a_verification_that_was_deleted_since_is_left_out(
    records: DynamoRecords, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = numbered(5).id

    def without(handler: DynamoHandler) -> Any:
        result: Any = ANSWER(handler).result
        items = result["Responses"][TABLE]
        kept = [item for item in items if item["pk"] != {"S": gone}]
        return ActionResult({"Responses": {TABLE: kept}, "UnprocessedKeys": {}})

    monkeypatch.setattr(DynamoHandler, "batch_get_item", without)

    page = records.recent("shop", Filter(), 3, None)
    assert [int(verification.id[4:]) for verification in page.verifications] == [6, 4, 3]
