"""Limits in SQL, and the end of what they keep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from liveproof.clouds.tencent.sql.limits import SqlLimits
from liveproof.clouds.tencent.sql.records import SqlRecords
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
