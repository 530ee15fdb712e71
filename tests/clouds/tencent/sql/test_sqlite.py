"""A file that cannot be used as a database."""

from __future__ import annotations

import sqlite3
from functools import partial
from pathlib import Path

import pytest

from liveproof.clouds.tencent.sql.address import SqliteAddress
from liveproof.clouds.tencent.sql.sqlite import Sqlite


def test_a_connection_that_cannot_be_set_up_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []

    class Noted(sqlite3.Connection):
        def close(self) -> None:
            closed.append("closed")
            super().close()

    file = tmp_path / "records.sqlite"
    file.write_bytes(b"This is a text of more than one page. " * 200)
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Noted))

    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        Sqlite(SqliteAddress(str(file))).connect()
    assert closed == ["closed"]
