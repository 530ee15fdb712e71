"""Fixtures of all tests."""

from __future__ import annotations

import gc
import os
import signal
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

# powertools reads these when liveproof.observability is imported.
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "liveproof")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "liveproof")

import pytest

# Before their first import: else a failed assertion of theirs says nothing of what it compared.
pytest.register_assert_rewrite("tests.support")

from tests.support import local_clouds  # noqa: E402
from tests.support.deployment import Deployment  # noqa: E402
from tools.local.cloud import CLOUDS, LocalCloud  # noqa: E402

LOCAL = "local_"
"""Begins the name of a group that shares a local cloud."""

# About a half of what waits for the local AWS, by seconds. These files have a second one: on one
# alone, the tests of the local AWS would take longer than all others.
SECOND_LOCAL_AWS = (
    "acceptance/test_killed_workers.py",
    "acceptance/test_simulated_burst.py",
    "attack/test_rows.py",
    "console/test_browser.py",
    "contract/test_contract.py",
    "soak/test_soak.py",
)

# A folder's conftest.py compiles the template, or builds the zips, for all of its tests.
SHARING_FOLDERS = ("infra", "tools/packaging/tencent")

# `make check ARGS=...` is meant for pytest. A `make` that a test starts would read them as well.
_OF_MAKE = ("ARGS", "MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS")

pytest_plugins = ["tests.support.emulator"]


def pytest_xdist_auto_num_workers() -> int:
    """Three more than there are cores: the processes with a local cloud mostly wait for it."""
    return (os.cpu_count() or 1) + len(CLOUDS) + 1


def pytest_sessionstart() -> None:
    """Before the tests are collected."""
    # A collection only ever adds to what lives to the end: nothing looks for garbage in it.
    gc.disable()
    for name in _OF_MAKE:
        os.environ.pop(name, None)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell's for what runs in its background, and each process that a test starts would
        # inherit it: tests of Ctrl-C would wait for ever.
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What tests share is set up once, and not once in each process: those tests run in the same.

    Those of a local cloud start first, since they wait longest; then tests that take a minute
    alone, then the largest groups; the short tests fill the processes evenly at the end.
    (--no-loadscope-reorder: pytest-xdist would start the largest groups first, and single tests
    last, however long they take.)
    """
    groups: dict[pytest.Item, str | None] = {}
    for item in items:
        named = _marked(item)
        group = named or (_group(item) if isinstance(item, pytest.Function) else None)
        if group != named:
            item.add_marker(pytest.mark.xdist_group(group))
        groups[item] = group
    sizes = Counter(groups.values())
    items.sort(
        key=lambda item: (
            not str(groups[item]).startswith(LOCAL),
            item.get_closest_marker("takes_a_minute") is None,
            -sizes[group] if (group := groups[item]) else 0,
        )
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """The thousands of collected tests stay to the end: nothing looks for garbage among them."""
    gc.collect()
    gc.freeze()
    gc.enable()


def _marked(item: pytest.Item) -> str | None:
    """The name that a test's module has given to its group."""
    marker = item.get_closest_marker("xdist_group")
    return None if marker is None else str(marker.kwargs.get("name") or marker.args[0])


def _group(test: pytest.Function) -> str | None:
    """The name of the tests that share a process with this one; None if it shares nothing."""
    parameters = test.callspec.params if hasattr(test, "callspec") else {}
    if "local_cloud" in parameters:
        cloud = parameters["local_cloud"]
        second = cloud == "aws" and _name(test.path) in SECOND_LOCAL_AWS
        return f"{LOCAL}{cloud}{'_second' if second else ''}"
    if folder := _sharing_folder(test.path):
        return folder
    used = [definitions[-1].scope for definitions in test._fixtureinfo.name2fixturedefs.values()]
    return test.module.__name__ if "module" in used else None


@cache
def _name(path: Path) -> str:
    """A file's path below tests/; of another, its own."""
    tests = Path(__file__).parent
    return path.relative_to(tests).as_posix() if path.is_relative_to(tests) else path.as_posix()


@cache
def _sharing_folder(path: Path) -> str | None:
    """The folder whose conftest.py sets something up for this file and others."""
    tests, parents = Path(__file__).parent, path.parents
    return next((folder for folder in SHARING_FOLDERS if tests / folder in parents), None)


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
