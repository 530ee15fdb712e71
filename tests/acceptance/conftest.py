"""What the behaviour suite does with the local clouds that all suites share."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.client import Client
from tests.acceptance.shell import Operator
from tools.local.cloud import LocalCloud


@pytest.fixture(scope="session")
def expiring(local_cloud: LocalCloud) -> dict[str, Any]:
    """A verification without files that expires 30 seconds after the suite's first test began.

    Tests in between sweep by no other means than the cloud's schedule.
    """
    client = Client(local_cloud, random.Random())
    return client.create(client.files(), expires_in=30)


@pytest.fixture
def client(local_cloud: LocalCloud, expiring: dict[str, Any]) -> Iterator[Client]:
    local_cloud.require_running()
    local_cloud.emulator.reset()
    yield Client(local_cloud, random.Random())
    local_cloud.emulator.reset()


@pytest.fixture
def operator(client: Client) -> Operator:
    return Operator(client.cloud.document()["deployment"])
