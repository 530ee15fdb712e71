"""One local cloud of each kind for the whole suite: what the infrastructure code says, for real."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from local import cloud
from local.cloud import LocalCloud
from tests.acceptance.journey import Journeys

# Shorter than in production, so that what killed workers leave behind comes again within a minute.
# A loaded machine wakes its processes late; calls need more air than in production.
PARAMETERS = {
    "aws": {
        "reflectCallsPerSecond": "3",
        "callTimeout": "5",
        "runCheckTimeout": "30",
        "uploadsVisibilitySeconds": "15",
        "checksVisibilitySeconds": "30",
        "deliveriesVisibilitySeconds": "15",
    },
    "tencent": {
        "reflect_calls_per_second": "3",
        "call_timeout": "5",
        "local_run_check_timeout": "30",
        "local_retry_seconds": "5",
    },
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of one local cloud runs in one process, which starts that cloud once."""
    for item in items:
        if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            name = item.callspec.params.get("local_cloud")
            if name is not None:
                item.add_marker(pytest.mark.xdist_group(f"local_{name}"))


@pytest.fixture(scope="session", params=cloud.CLOUDS)
def local_cloud(request: pytest.FixtureRequest) -> Iterator[LocalCloud]:
    with cloud.running(request.param, PARAMETERS[request.param]) as running:
        yield running


@pytest.fixture
def journeys(local_cloud: LocalCloud) -> Iterator[Journeys]:
    local_cloud.require_running()
    local_cloud.emulator.reset()
    yield Journeys(local_cloud, random.Random())
    local_cloud.emulator.reset()
