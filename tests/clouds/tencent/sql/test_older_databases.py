"""A database of the version of 2026-11-26, migrated by the first connection of this one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from liveproof.clouds.tencent.sql.records import SqlRecords
from tests.support.older_stores import restore_database
from tests.support.older_stores_contract import OlderStoresContract
from tools.mariadb import ScratchDatabase


class TestOlderDatabase(OlderStoresContract):
    @pytest.fixture
    def records(self, tmp_path: Path) -> Iterator[SqlRecords]:
        path = tmp_path / "records.sqlite"
        restore_database(path)
        with closing(ScratchDatabase(f"sqlite:///{path}", None).open()) as database:
            yield SqlRecords(database, record_days=30)
