"""The records in memory keep the adapters' promises, or tests that use them prove nothing."""

from __future__ import annotations

import pytest

from liveproof.ports import Records
from tests.support.memory_records import MemoryRecords
from tests.support.records_contract import RecordsContract


class TestMemoryRecords(RecordsContract):
    @pytest.fixture
    def records(self) -> Records:
        return MemoryRecords()

    def spoil(self, records: Records, verification_id: str) -> None:
        assert isinstance(records, MemoryRecords)
        records.stored[verification_id] = b'{"id": 7'

    def unknown_status(self, records: Records, verification_id: str) -> None:
        assert isinstance(records, MemoryRecords)
        records.rows[verification_id] = records.rows[verification_id]._replace(status="archived")
