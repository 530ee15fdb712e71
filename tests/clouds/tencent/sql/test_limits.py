"""Limits in SQL, and the end of what they keep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from liveproof.clouds.tencent.sql.limits import SqlLimits
from liveproof.clouds.tencent.sql.records import SqlRecords
from liveproof.clouds.tencent.sql.session import Row, Session
from liveproof.domain.limits import Counts, Most
from tests.support.limits_contract import COUNTER, DIGEST, NOW, ONE, UNTIL, LimitsContract
from tools.mariadb import ScratchDatabase


class TestLimits(LimitsContract):
    """What every Limits adapter promises."""

    @pytest.fixture
    def limits(self, place: ScratchDatabase) -> Iterator[SqlLimits]:
        with closing(place.open()) as database:
            yield SqlLimits(database)

    @pytest.fixture
    def other(self, place: ScratchDatabase) -> Iterator[SqlLimits]:
        with closing(place.open()) as database:
            yield SqlLimits(database)


def test_the_sweep_deletes_what_is_over(place: ScratchDatabase) -> None:
    with closing(place.open()) as database:
        limits, records = SqlLimits(database), SqlRecords(database, 1)
        limits.take(COUNTER, ONE, Most(), UNTIL)
        limits.remember(DIGEST, UNTIL)
        assert records.delete_expired(NOW, 10) == 0
        assert records.delete_expired(UNTIL, 10) == 2
        assert limits.take(COUNTER, Counts(), Most(), UNTIL) == Counts()


def test_what_is_given_back_while_a_limit_is_found_reached_is_taken(
    place: ScratchDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under READ COMMITTED, which a server may have as its default, MySQL locks no row that an
    update did not change. So the two statements may see two counts."""
    with closing(place.open()) as database:
        limits = SqlLimits(database)
        limits.take(COUNTER, ONE, Most(open=1), UNTIL)
        query, waiting = Session.query, [True]

        def give_back_first(session: Session, statement: str, *values: Any) -> list[Row]:
            if "limit_counters" in statement and waiting and waiting.pop():
                session.execute("UPDATE limit_counters SET open_count = 0")
            return query(session, statement, *values)

        monkeypatch.setattr(Session, "query", give_back_first)

        assert limits.take(COUNTER, ONE, Most(open=1), UNTIL).open == 1
