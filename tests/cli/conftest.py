"""A command line without any login, and a deployment on Tencent Cloud whose database is a file."""

from __future__ import annotations

from collections.abc import Iterator
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
def records(tmp_path: Path) -> Iterator[Records]:
    """The records of the deployment that LIVEPROOF_DEPLOYMENT names with the fixture `named`."""
    database = Database(f"sqlite:///{tmp_path / 'records.sqlite'}", None)
    yield SqlRecords(database, record_days=1)
    database.close()


@pytest.fixture
def named(tmp_path: Path, records: Records, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that names the deployment, as everybody's default."""
    assert records.load("ver_" + "0" * 26) is None  # makes the tables
    file = terraform_outputs(tmp_path, f"sqlite:///{tmp_path / 'records.sqlite'}")
    monkeypatch.setenv("LIVEPROOF_DEPLOYMENT", str(file))
    return file
