"""Due verifications are read in pages: none is left out, and none comes twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from liveproof.clouds.tencent.sql import records as records_module
from liveproof.clouds.tencent.sql.records import SqlRecords
from tests.support.verifications import NOW, numbered
from tools.mariadb import ScratchDatabase

DUE_AT = [NOW, NOW, NOW + 1, NOW + 1, NOW + 1, NOW + 1, NOW + 2, NOW + 3, NOW + 3]


@pytest.fixture
def records(place: ScratchDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlRecords]:
    """Nine due verifications, some at the same moment, and pages of three."""
    monkeypatch.setattr(records_module, "_DUE_PAGE", 3)
    with closing(place.open()) as database:
        opened = SqlRecords(database, record_days=30)
        for number, due_at in enumerate(DUE_AT):
            opened.save(numbered(number, due_at=due_at))
        yield opened


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 6, 7, 8, 9, 10, 100])
def test_as_many_as_the_limit_come_in_their_order(records: SqlRecords, limit: int) -> None:
    listed = [due.id for due in records.due(NOW + 3, limit)]

    assert listed == [numbered(number).id for number in range(len(DUE_AT))][:limit]


def test_a_page_of_hundreds_is_followed_by_the_next_one(
    sqlite_place: ScratchDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records_module, "_DUE_PAGE", 300)
    with closing(sqlite_place.open()) as database:
        records = SqlRecords(database, record_days=30)
        for number in range(301):
            records.save(numbered(number, due_at=NOW))

        assert len(list(records.due(NOW, 1_000))) == 301


def test_what_is_due_later_is_on_no_page(records: SqlRecords) -> None:
    assert [due.due_at for due in records.due(NOW + 1, 100)] == DUE_AT[:6]
