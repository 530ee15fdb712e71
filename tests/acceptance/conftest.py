"""What the behaviour suite does with the local clouds that all suites share."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.acceptance.client import Client
from tools.local.cloud import LocalCloud


@pytest.fixture
def client(local_cloud: LocalCloud) -> Iterator[Client]:
    local_cloud.require_running()
    local_cloud.emulator.reset()
    yield Client(local_cloud, random.Random())
    local_cloud.emulator.reset()
