"""Both drivers' sides do the same, and a side that does not is no measurement."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from bench.figure import BenchError
from bench.in_memory import declared
from bench.sql import sql_driver
from bench.sql.sqlalchemy_records import SqlAlchemyRecords
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.domain.verification import Verification
from liveproof.ports import Conflict
from tools.mariadb import ScratchDatabase


def test_both_drivers_load_each_others_records(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'records.sqlite'}"
    with (
        closing(ScratchDatabase(url, None).open()) as database,
        closing(SqlAlchemyRecords(url, {})) as core,
    ):
        own = SqlRecords(database, record_days=30)
        first = own.save(declared("0" * 32, 1)[0])
        second = core.save(first)

        assert core.load(first.id) == own.load(first.id) == second
        assert second.version == 2
        with pytest.raises(Conflict):
            core.save(first)
        assert own.save(second).version == 3


def test_a_side_that_saves_nothing_is_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unchanged(_: SqlAlchemyRecords, verification: Verification) -> Verification:
        return verification

    monkeypatch.setattr(SqlAlchemyRecords, "save", unchanged)
    monkeypatch.setattr(sql_driver, "_ROUNDS", 2)
    url = f"sqlite:///{tmp_path / 'records.sqlite'}"
    with pytest.raises(BenchError, match="theirs"):
        sql_driver._latency("sqlite", ScratchDatabase(url, None), url, {})


def test_a_missing_package_is_named() -> None:
    with pytest.raises(BenchError, match="no-such-package"):
        sql_driver._bytes("PyMySQL", "no-such-package")
