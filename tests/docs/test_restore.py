"""The page on restoring: its statements leave nothing that a function would work on."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from liveproof.clouds.tencent.sql.database import Database
from liveproof.clouds.tencent.sql.records import SqlRecords
from tests.docs.pages import blocks
from tests.support.deployment import Deployment


def test_the_documented_statements_delete_what_is_unfinished(tmp_path: Path) -> None:
    deployment = Deployment()
    unfinished = [deployment.create(), deployment.ready()]
    decided = deployment.run_check(deployment.ready())
    (block,) = blocks("sql", "restore.md")
    with closing(Database(f"sqlite:///{tmp_path / 'records.sqlite'}", None)) as database:
        records = SqlRecords(database, record_days=1)
        for verification in (*unfinished, decided):
            records.save(replace(verification, version=0))
        for statement in block.text.strip().split(";\n"):
            database.execute(statement.rstrip(";"))

        assert records.load(decided.id) is not None
        assert [records.load(one.id) for one in unfinished] == [None, None]
