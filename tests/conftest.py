"""Fixtures of all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

# powertools reads these when liveproof.observability is imported.
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "liveproof")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "liveproof")

import pytest

from tests.support import local_clouds
from tests.support.deployment import Deployment
from tools.local.cloud import CLOUDS, LocalCloud

pytest_plugins = ["tests.support.emulator"]


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: the two processes with a local cloud mostly wait for it."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of one local cloud runs in one process, which starts that cloud once.

    Tests that take a minute alone start before the short ones, which fill the processes evenly.
    """
    items.sort(key=lambda item: item.get_closest_marker("takes_a_minute") is None)
    for item in items:
        if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            name = item.callspec.params.get("local_cloud")
            if name is not None:
                item.add_marker(pytest.mark.xdist_group(f"local_{name}"))


@pytest.fixture(scope="session", params=CLOUDS)
def local_cloud(request: pytest.FixtureRequest) -> Iterator[LocalCloud]:
    """One local cloud of each kind for every suite: what the infrastructure code says, for real."""
    with local_clouds.running(request.param) as running:
        yield running


@pytest.fixture
def deployment() -> Deployment:
    """A deployment in memory, its webhooks sent to `deployment.endpoint`."""
    return Deployment()


@pytest.fixture
def deployment_with_hold() -> Deployment:
    """The same with LIVEPROOF_UNKNOWN_OUTCOME=hold."""
    return Deployment(unknown_outcome="hold")
