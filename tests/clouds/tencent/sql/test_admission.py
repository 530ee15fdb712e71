"""The Admission port in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from liveproof.clouds.tencent.sql.admission import Limit, SqlAdmission
from liveproof.clouds.tencent.sql.records import SqlRecords
from tests.support.admission_contract import PER_SECOND, PERMITS, AdmissionContract, Store
from tools.mariadb import ScratchDatabase

LIMITS = {check: Limit(PERMITS, PER_SECOND) for check in ("reflect", "photo")}


class TestSqlAdmission(AdmissionContract):
    @pytest.fixture
    def store(self, place: ScratchDatabase) -> Iterator[Store]:
        with ExitStack() as opened:

            def another() -> SqlAdmission:
                return SqlAdmission(opened.enter_context(closing(place.open())), LIMITS)

            records = SqlRecords(opened.enter_context(closing(place.open())), record_days=30)
            yield Store(another(), records, another)
