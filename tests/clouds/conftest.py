"""Databases for the adapters that speak SQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import mariadb as support
from tools.mariadb import MariadbServer, ScratchDatabase


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariadbServer]:
    """A MySQL-protocol server. Where there is none the test is skipped, but fails in CI."""
    missing = support.why_not()
    if missing and os.environ.get("CI") == "true":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    with support.server(tmp_path_factory.mktemp("mariadb")) as running:
        yield running


@pytest.fixture
def sqlite_place(tmp_path: Path) -> ScratchDatabase:
    """A new SQLite file."""
    return ScratchDatabase(f"sqlite:///{tmp_path / 'records.sqlite'}", None)


@pytest.fixture
def mariadb_place(mariadb: MariadbServer) -> Iterator[ScratchDatabase]:
    """A new database of the server."""
    with mariadb.new_database() as place:
        yield place


@pytest.fixture(params=["sqlite", "mariadb"])
def place(request: pytest.FixtureRequest) -> ScratchDatabase:
    """A new database of each kind."""
    made: ScratchDatabase = request.getfixturevalue(f"{request.param}_place")
    return made
