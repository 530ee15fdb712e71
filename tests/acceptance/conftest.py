"""One local cloud for the whole suite: serverless.yml as it is, deployed and triggered for real."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from local import cloud
from local.cloud import LocalCloud
from tests.acceptance.journey import Journeys

# Shorter than in production, so that what killed workers leave behind comes again within a minute.
PARAMETERS = {
    # A loaded machine wakes its processes late; calls need more air than in production.
    "reflectCallsPerSecond": "3",
    "callTimeout": "5",
    "runCheckTimeout": "30",
    "uploadsVisibilitySeconds": "15",
    "checksVisibilitySeconds": "30",
    "deliveriesVisibilitySeconds": "15",
}


@pytest.fixture(scope="session")
def local_cloud() -> Iterator[LocalCloud]:
    with cloud.running(PARAMETERS) as running:
        yield running


@pytest.fixture
def journeys(local_cloud: LocalCloud) -> Iterator[Journeys]:
    local_cloud.require_running()
    local_cloud.emulator.reset()
    yield Journeys(local_cloud, random.Random())
    local_cloud.emulator.reset()
