"""Fixtures of all tests."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

# powertools reads these when liveproof.observability is imported.
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "liveproof")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "liveproof")

import pytest

from tests.support import local_clouds
from tests.support.deployment import Deployment
from tools.local.cloud import CLOUDS, LocalCloud

# A folder's conftest.py compiles the template, or builds the zips, for all of its tests.
SHARING_FOLDERS = ("infra", "tools/packaging/tencent")

pytest_plugins = ["tests.support.emulator"]


def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are cores: the two processes with a local cloud mostly wait for it."""
    return (os.cpu_count() or 1) + len(CLOUDS)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What tests share is set up once, and not once in each process: those tests run in the same.

    Tests that take a minute alone start first, then the largest groups; the short tests fill the
    processes evenly at the end. (--no-loadscope-reorder: pytest-xdist would start the largest
    groups first, and single tests last, however long they take.)
    """
    for item in items:
        if isinstance(item, pytest.Function):
            group = _group(item)
            if group is not None:
                item.add_marker(pytest.mark.xdist_group(group))
    sizes = Counter(_marked(item) for item in items)
    items.sort(
        key=lambda item: (
            item.get_closest_marker("takes_a_minute") is None,
            -sizes[group] if (group := _marked(item)) else 0,
        )
    )


def _marked(item: pytest.Item) -> str | None:
    """The name of a test's group."""
    marker = item.get_closest_marker("xdist_group")
    return None if marker is None else str(marker.kwargs.get("name") or marker.args[0])


def _group(test: pytest.Function) -> str | None:
    """The name of the tests that share a process with this one; None if it shares nothing."""
    parameters = test.callspec.params if hasattr(test, "callspec") else {}
    if "local_cloud" in parameters:
        return f"local_{parameters['local_cloud']}"
    if test.get_closest_marker("xdist_group") is not None:
        return None  # its module has named the group
    for folder in SHARING_FOLDERS:
        if Path(__file__).parent / folder in test.path.parents:
            return folder
    used = [definitions[-1].scope for definitions in test._fixtureinfo.name2fixturedefs.values()]
    return test.module.__name__ if "module" in used else None


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
