"""Slots in time on DynamoDB."""

from __future__ import annotations

import pytest

from liveproof.clouds.aws.clients import Clients
from liveproof.clouds.aws.quota import DynamoQuota
from tests.support.aws import TABLE
from tests.support.quota_contract import QuotaContract


class TestQuota(QuotaContract):
    """What every Quota adapter promises."""

    @pytest.fixture
    def quota(self, clients: Clients) -> DynamoQuota:
        return DynamoQuota(clients, TABLE)
