"""The zips for SCF, built once for the suites of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.packaging.tencent import zips


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every zip and the list of them."""
    return zips.package(tmp_path_factory.mktemp("packages") / "tencent")
