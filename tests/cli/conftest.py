"""A command line without any login, and a deployment on Tencent Cloud whose database is a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.ports import Records
from tests.support.command_line import Liveproof, runner, terraform_outputs, without_login


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> None:
    without_login(monkeypatch)


@pytest.fixture
def liveproof(capsys: pytest.CaptureFixture[str]) -> Liveproof:
    return runner(capsys)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """The database of the deployment that LIVEPROOF_DEPLOYMENT names with the fixture `named`."""
    opened = Database(f"sqlite:///{tmp_path / 'records.sqlite'}", None)
    yield opened
    opened.close()


@pytest.fixture
def records(database: Database) -> Records:
    """Its records."""
    return SqlRecords(database, record_days=1)


@pytest.fixture
def spoil(database: Database) -> Callable[[str], int]:
    """Makes the record of an id one that this version cannot read."""
    statement = "UPDATE verifications SET record = '{' WHERE id = ?"
    return lambda verification_id: database.execute(statement, verification_id)


@pytest.fixture
def named(tmp_path: Path, records: Records, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that names the deployment, as everybody's default."""
    assert records.load("ver_" + "0" * 26) is None  # makes the tables
    file = terraform_outputs(tmp_path, f"sqlite:///{tmp_path / 'records.sqlite'}")
    monkeypatch.setenv("LIVEPROOF_DEPLOYMENT", str(file))
    return file
