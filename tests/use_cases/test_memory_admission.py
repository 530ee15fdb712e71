"""The port in memory, which the tests of use cases have, keeps the adapters' contract."""

from __future__ import annotations

import pytest

from tests.support.admission_contract import AdmissionContract
from tests.support.admission_store import PERMITS, Store
from tests.support.memory_admission import MemoryAdmission
from tests.support.memory_records import MemoryRecords


class TestMemoryAdmission(AdmissionContract):
    @pytest.fixture
    def store(self) -> Store:
        records = MemoryRecords()
        admission = MemoryAdmission(records, PERMITS)
        return Store(admission, records, lambda: admission)
