"""The port in memory, which the tests of use cases have, keeps the adapters' contract."""

from __future__ import annotations

import pytest

from tests.support.limits_contract import LimitsContract
from tests.support.memory_limits import MemoryLimits


class TestMemoryLimits(LimitsContract):
    @pytest.fixture
    def limits(self) -> MemoryLimits:
        return MemoryLimits()

    @pytest.fixture
    def other(self, limits: MemoryLimits) -> MemoryLimits:
        return limits
