"""A verification stays within its budget of write units, and the counting follows the rules."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.errors import ConditionFailed
from liveproof.webhooks.answers import MAX_CHARACTERS, escape_answer
from liveproof_emulator import testing
from tests.store_units.__main__ import BUDGET
from tests.store_units.counts import count_in_sql, count_on_dynamodb
from tests.support.aws import TABLE, account
from tests.support.dynamo_units import Units, index_units, metered, read_units, size_of, write_units
from tests.support.evidence import PRIVATE_KEY
from tests.support.ways import WAYS, Way
from tools import ROOT


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_verification_of_every_check_needs_no_more_than_the_budget(
    vendor: testing.Running, way: Way
) -> None:
    units = count_on_dynamodb(vendor, way)

    assert units.written.total() <= BUDGET
    assert units.written["index by_client"] == 1
    assert units.written["records"] == units.requests["put_item"]  # none is larger than 1 kB


def test_the_longest_answer_of_an_endpoint_stays_within_the_budget(
    vendor: testing.Running,
) -> None:
    answer = escape_answer(random.Random(7).randbytes(1024))

    assert len(answer) > MAX_CHARACTERS - 4
    assert count_on_dynamodb(vendor, WAYS[0], answer=answer).written.total() <= BUDGET


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_signed_manifest_stays_within_the_budget(vendor: testing.Running, way: Way) -> None:
    with_manifest = count_on_dynamodb(vendor, way, evidence_key=PRIVATE_KEY).written

    assert with_manifest.total() <= BUDGET
    more = with_manifest - count_on_dynamodb(vendor, way).written
    # One write of a record with about 1 kB, and that of the attempt may pass 1 kB as well.
    assert set(more) == {"records"}
    assert more["records"] <= 3


def test_the_docs_count_what_is_counted_here(vendor: testing.Running) -> None:
    counts = json.loads((ROOT / "docs" / "prices.json").read_text("utf-8"))["counts"]

    written = count_on_dynamodb(vendor, WAYS[0], evidence_key=PRIVATE_KEY).written
    slots, endpoints = written["quota"], written["endpoints"]
    records = written.total() - slots - endpoints
    assert counts["write_units"] == {"records": records, "slots": slots, "endpoints": endpoints}
    without = count_on_dynamodb(vendor, WAYS[0]).written
    assert counts["of_the_manifest"]["write_units"] == written.total() - without.total()
    statements = [text for text in count_in_sql(vendor, WAYS[0]).texts if " endpoints " in text]
    first = 4  # the row is not there yet: it is looked for in vain, added, and locked
    assert counts["endpoint_statements"] == len(statements) - first


def test_intent_called_and_settled_are_writes_of_their_own(vendor: testing.Running) -> None:
    reflect = WAYS[0]

    assert count_on_dynamodb(vendor, reflect).requests["put_item"] == 9
    updates = [
        text for text in count_in_sql(vendor, reflect).texts if text.startswith("UPDATE verif")
    ]
    assert len(updates) == 8  # the first of nine writes is an INSERT


# -- the rules

UNFINISHED = {
    "KeySchema": [{"AttributeName": "due_partition"}, {"AttributeName": "due_at"}],
    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["status"]},
}


def entry(**changes: Any) -> dict[str, Any]:
    values = {"pk": "ver_1", "due_partition": "due7", "due_at": 17, "status": "ready", "record": ""}
    return {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in {**values, **changes}.items()
        if value is not None
    }


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, entry(), 1),
        (entry(), None, 1),
        (entry(), entry(), 0),
        (entry(), entry(record="changed, and not projected"), 0),
        (entry(), entry(status="held"), 1),
        (entry(), entry(due_at=18), 2),
        (entry(), entry(due_at=18, status="held"), 2),
        (entry(), entry(due_at=None), 1),
        (entry(due_at=None), entry(due_at=None, status="held"), 0),
        (None, entry(status="s" * 1100), 2),
        (entry(status="s" * 1100), entry(due_at=18), 3),
    ],
)
def test_an_index_entry_costs_what_the_rules_say(
    before: dict[str, Any] | None, after: dict[str, Any] | None, units: int
) -> None:
    assert index_units(UNFINISHED, before, after) == units


def test_sizes_are_those_of_the_rules() -> None:
    assert size_of({"ab": {"S": "größe"}}) == 2 + 7
    assert size_of({"n": {"N": "123"}}) == 1 + 3
    assert size_of({"n": {"N": "-123"}}) == 1 + 4
    assert size_of({"b": {"B": b"abc"}}) == size_of({"b": {"B": "YWJj"}}) == 1 + 3


def test_units_are_those_of_started_kilobytes() -> None:
    assert [write_units({"a": {"S": "x" * size}}) for size in (0, 1023, 1024)] == [1, 1, 2]
    assert [read_units(size, consistent=True) for size in (0, 4096, 4097)] == [1, 1, 2]
    assert read_units(4097, consistent=False) == 1


def put(clients: Clients, **request: Any) -> None:
    clients.dynamodb.call("PutItem", TableName=TABLE, **request)


def counted(*requests: dict[str, Any]) -> Units:
    with account() as clients, metered() as units:
        for request in requests:
            try:
                put(clients, **request)
            except ConditionFailed:
                units.requests["refused"] += 1
    return units


def item(size: int) -> dict[str, Any]:
    return {"pk": {"S": "ver_1"}, "status": {"S": "x" * size}}


def test_a_write_costs_the_larger_of_the_item_before_and_after_it() -> None:
    units = counted({"Item": item(2000)}, {"Item": item(10)}, {"Item": item(10)})

    assert units.written["records"] == 2 + 2 + 1


def test_a_refused_write_costs_the_item_that_is_there() -> None:
    refused = {"Item": item(10), "ConditionExpression": "attribute_not_exists(pk)"}
    units = counted({"Item": item(2000)}, refused)

    assert units.requests["refused"] == 1
    assert units.written["records"] == 2 + 2
