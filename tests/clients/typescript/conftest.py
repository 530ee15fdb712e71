"""Where programs import the packed package from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.receivers.verifiers import EXAMPLES
from tests.support import environments, typescript


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with @liveproof/client, and standardwebhooks beside it, as npm installs them."""
    folder = tmp_path_factory.mktemp("app")
    typescript.install(folder)
    for package in environments.node_modules(EXAMPLES / "express").iterdir():
        if package.name in ("standardwebhooks", "fast-sha256", "@stablelib"):
            (folder / "node_modules" / package.name).symlink_to(package)
    return folder
