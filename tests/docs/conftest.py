"""The commands of the pages, run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs import commands


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a folder for each page, in which the page's commands were run."""
    folder = tmp_path_factory.mktemp("documented")
    commands.run_pages(folder)
    return folder
