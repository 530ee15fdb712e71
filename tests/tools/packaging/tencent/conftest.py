"""The zips for SCF, built once for the suites of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.packaging.tencent import zips


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps these tests in one process: to build the zips takes half a minute."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("packages"))


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every zip and the list of them."""
    return zips.package(tmp_path_factory.mktemp("packages") / "tencent")
