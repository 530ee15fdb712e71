"""The port in memory, which the tests of use cases have, keeps the adapters' contract."""

from __future__ import annotations

import pytest

from tests.support.endpoints_contract import POLICY, EndpointsContract
from tests.support.memory_endpoints import MemoryEndpoints


class TestMemoryEndpoints(EndpointsContract):
    @pytest.fixture
    def endpoints(self) -> MemoryEndpoints:
        return MemoryEndpoints(POLICY)

    @pytest.fixture
    def other(self, endpoints: MemoryEndpoints) -> MemoryEndpoints:
        return MemoryEndpoints(POLICY, rows=endpoints.rows)
