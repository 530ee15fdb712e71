"""The records in memory keep the adapters' promises, or tests that use them prove nothing."""

from __future__ import annotations

import pytest

from liveproof.ports import Records
from tests.support.memory import MemoryRecords
from tests.support.records_contract import RecordsContract


class TestMemoryRecords(RecordsContract):
    @pytest.fixture
    def records(self) -> Records:
        return MemoryRecords()
