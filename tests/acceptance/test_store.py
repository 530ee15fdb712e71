"""The table's adapters against a DynamoDB that takes requests at the same time, over HTTP."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import pairwise

import pytest
from msgspec.structs import replace

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.quota import DynamoQuota
from liveproof.clouds.aws.records import DynamoRecords
from liveproof.domain.verification import Verification
from liveproof.ports import Conflict
from tests.acceptance.differences import only_on
from tests.support.aws import table_definition
from tests.support.dynamo_records import DynamoRecordsContract
from tests.support.quota_contract import FAR, expected_slots
from tests.support.records_contract import together
from tests.support.verifications import NOW, verification
from tools.local.aws import deployment
from tools.local.cloud import LocalCloud

pytestmark = only_on("aws", "the SQL store has the same suite in tests/clouds/tencent, on MariaDB")

THREADS = 8


@pytest.fixture
def clients(local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> Clients:
    for name, value in deployment.of(local_cloud).aws.credentials().items():
        monkeypatch.setenv(name, value)
    return Clients(deployment.of(local_cloud).aws.region)


@pytest.fixture
def table(clients: Clients) -> Iterator[str]:
    """An empty table beside the deployed one, as the template describes it."""
    name = f"store-{secrets.token_hex(8)}"
    clients.dynamodb.call("CreateTable", TableName=name, **table_definition())
    yield name
    clients.dynamodb.call("DeleteTable", TableName=name)


@pytest.fixture
def records(clients: Clients, table: str) -> DynamoRecords:
    return DynamoRecords(clients, table, record_days=365)


class TestRecords(DynamoRecordsContract):
    """What every Records adapter promises."""


def test_of_concurrent_saves_of_each_version_exactly_one_wins(records: DynamoRecords) -> None:
    stored = records.save(verification())
    for version in range(1, 31):
        current = stored

        def save(number: int, current: Verification = current) -> Verification:
            return records.save(replace(current, reference=f"{number} of {current.version}"))

        outcomes = together(THREADS, save)
        (stored,) = [outcome for outcome in outcomes if isinstance(outcome, Verification)]
        assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == THREADS - 1
        assert stored.version == version + 1
        assert records.load(stored.id) == stored


def test_eight_threads_get_thirty_slots_each_and_all_are_distinct(
    clients: Clients, table: str
) -> None:
    quota = DynamoQuota(clients, table)

    def reserve(number: int) -> list[int]:
        return [quota.reserve("reflect", 5, NOW) for _ in range(30)]

    taken = together(THREADS, reserve)
    slots = [slot for reserved in taken if isinstance(reserved, list) for slot in reserved]
    assert sorted(slots) == expected_slots(THREADS * 30, NOW, now=NOW)


def test_threads_whose_clocks_differ_get_distinct_slots_none_before_their_now(
    clients: Clients, table: str
) -> None:
    quota = DynamoQuota(clients, table)

    def reserve(number: int) -> list[tuple[int, int]]:
        times = [NOW + 50 * number + 700 * turn for turn in range(30)]
        return [(quota.reserve("reflect", 5, now), now) for now in times]

    taken = [
        pair
        for reserved in together(THREADS, reserve)
        if isinstance(reserved, list)
        for pair in reserved
    ]
    assert len(taken) == THREADS * 30
    assert all(slot >= now for slot, now in taken)
    slots = sorted(slot for slot, _ in taken)
    assert min(later - slot for slot, later in pairwise(slots)) >= FAR
