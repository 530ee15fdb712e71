"""A locked database refuses the write after a paid call: the outcome is saved all the same."""

from __future__ import annotations

import dataclasses
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from liveproof.clouds.tencent.sql.errors import DatabaseUnavailable
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.clouds.tencent.sql.session import Timeouts
from liveproof.domain.ledger import CallOutcome, Settlement
from liveproof.use_cases.settle_call import settle_call
from tests.support.deployment import Deployment
from tests.support.memory import MemoryClock
from tests.support.verifications import called
from tools.mariadb import ScratchDatabase

SETTLEMENT = Settlement(CallOutcome.ANSWERED, billable="yes", code="Success")


class UnlockingClock(MemoryClock):
    """At its second sleep it ends the transaction that locks the database."""

    def __init__(self, lock: sqlite3.Connection) -> None:
        super().__init__()
        self.sleeps = 0
        self._lock = lock

    def sleep_until(self, at: int) -> None:
        super().sleep_until(at)
        self.sleeps += 1
        if self.sleeps == 2:
            self._lock.execute("COMMIT")


def test_a_settlement_waits_for_a_locked_database(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    place = ScratchDatabase(f"sqlite:///{path}", None)
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as lock,
        closing(
            place.open(timeouts=Timeouts(exclusive=0.01), pause=lambda seconds: None)
        ) as database,
    ):
        records = SqlRecords(database, record_days=30)
        verification = records.save(called())
        lock.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseUnavailable):
            records.save(verification)
        clock = UnlockingClock(lock)
        dependencies = dataclasses.replace(Deployment().dependencies, records=records, clock=clock)

        saved = settle_call(dependencies, verification, SETTLEMENT, clock.now() + 60_000)

        assert clock.sleeps == 2
        assert records.load(verification.id) == saved
        assert saved.last_call is not None
        assert saved.last_call.outcome is CallOutcome.ANSWERED
