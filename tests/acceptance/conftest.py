"""What the behaviour suite does with the local clouds that all suites share."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.acceptance.journey import Journeys
from tools.local.cloud import LocalCloud


@pytest.fixture
def journeys(local_cloud: LocalCloud) -> Iterator[Journeys]:
    local_cloud.require_running()
    local_cloud.emulator.reset()
    yield Journeys(local_cloud, random.Random())
    local_cloud.emulator.reset()
