"""Processes that change the same handful of records: nothing is lost, nothing is doubled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from liveproof.clouds.aws.records import DynamoRecords
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.domain.verification import Verification
from liveproof.ports import Records
from tests.support import writers
from tests.support.aws import REGION, TABLE, table_definition
from tests.support.thorough import WHOLE
from tests.support.verifications import numbered
from tests.support.writers import Dynamo, Store
from tools.local.aws import ministack
from tools.mariadb import ScratchDatabase

# A process takes a second to start. Two of them already meet; all eight do so two thousand times.
PROCESSES, CHANGES = (8, 250) if WHOLE else (4, 60)
RECORDS = 5


def require_nothing_lost(store: Store, records: Records) -> None:
    ids = [records.save(numbered(number)).id for number in range(RECORDS)]

    written = writers.write(store, ids, PROCESSES, CHANGES)

    left = [loaded for one in ids if (loaded := records.load(one)) is not None]
    assert written.changes == PROCESSES * CHANGES
    assert sum(verification.version for verification in left) == RECORDS + PROCESSES * CHANGES
    assert writers.faults(left, PROCESSES, CHANGES) == []
    # They did meet: otherwise nothing would have been shown.
    assert written.conflicts > 0


def test_in_sql_nothing_is_lost_or_doubled(place: ScratchDatabase) -> None:
    with closing(place.open()) as database:
        require_nothing_lost(place, SqlRecords(database, 30))


@pytest.fixture
def dynamo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dynamo]:
    """A table in its own process; MiniStack makes one change at a time, as DynamoDB per item.

    moto checks a condition and writes in two steps, and threads of its server come between.
    """
    with ministack.run_ministack(REGION, tmp_path / "ministack.log") as aws:
        for name, value in aws.credentials().items():
            monkeypatch.setenv(name, value)
        aws.client("dynamodb").create_table(TableName=TABLE, **table_definition())
        yield Dynamo(REGION, TABLE, aws.credentials())


def test_in_dynamodb_nothing_is_lost_or_doubled(dynamo: Dynamo) -> None:
    records = writers.records_of(dynamo)
    assert isinstance(records, DynamoRecords)
    require_nothing_lost(dynamo, records)


# -- the look at what is left


def left() -> list[Verification]:
    return [
        numbered(1, version=3, metadata={"w0-0": "2", "w1-1": "3"}),
        numbered(2, version=3, metadata={"w0-1": "3", "w1-0": "2"}),
    ]


def test_correct_results_of_two_writers_have_no_fault() -> None:
    assert writers.faults(left(), 2, 2) == []


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": {"w0-0": "2"}},
        {"metadata": {"w0-0": "3"}, "version": 3},
        {"version": 4},
        {"metadata": {"w0-0": "2", "w1-1": "2"}},
        {"metadata": {"w0-0": "2", "w1-0": "3"}},
        {"metadata": {"w0-0": "2", "w1-9": "3"}},
    ],
)
def test_lost_and_doubled_changes_are_found(change: dict[str, object]) -> None:
    first, second = left()

    assert writers.faults([replace(first, **change), second], 2, 2) != []


class Forgetful(SqlRecords):
    """Saves whatever version there is."""

    def save(self, verification: Verification, claim: object = None) -> Verification:
        stored = self.load(verification.id)
        assert stored is not None
        return super().save(replace(verification, version=stored.version))


def test_a_store_that_does_not_look_at_versions_is_caught(sqlite_place: ScratchDatabase) -> None:
    with closing(sqlite_place.open()) as database:
        stored = SqlRecords(database, 30).save(numbered(1))
        careless = Forgetful(database, 30)
        for mark in ("w0-0", "w1-0"):  # both loaded the same
            careless.save(replace(stored, metadata={mark: str(stored.version + 1)}))
        final = SqlRecords(database, 30).load(stored.id)

    assert final is not None
    assert writers.faults([final], 2, 1) != []
