"""The built page, and the browser that opens it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import environments
from tools import ROOT
from tools.packaging.node import choose

BROWSER = Path(__file__).parent / "browser"
_SECONDS = 240
_LINK = "tests"


@pytest.fixture(scope="session")
def built_page() -> Path:
    """The folder that `make console` builds; `make test` has built it before."""
    page = ROOT / "console" / "dist"
    assert (page / "index.html").exists(), "run `make console` first"
    return page


@pytest.fixture(scope="session")
def in_browser(built_page: Path) -> Callable[[str, dict[str, Any]], None]:
    """Runs a file of tests in the browser; fails with what it printed."""
    modules = environments.node_modules(BROWSER)
    place = modules.parent
    with environments.installed("console-browser", [BROWSER / "package-lock.json"]) as unpacked:
        # Node looks for packages beside the file that asks: the tests are linked beside them.
        link = place / _LINK
        if not link.exists():
            link.symlink_to(BROWSER)
        variables = {**os.environ, "TMPDIR": str(unpacked), "HOME": str(unpacked)}
        keep = ["--preserve-symlinks", "--preserve-symlinks-main"]
        node: list[str | Path] = [choose().folder / "node", *keep]
        if not (unpacked / "bin").exists():
            environments.run([*node, link / "chromium.mjs"], place, variables)
            (unpacked / "bin").mkdir()

    def run(file: str, site: dict[str, Any]) -> None:
        done = subprocess.run(
            [*node, place / _LINK / file],
            cwd=place,
            env={**variables, "CONSOLE_SITE": json.dumps(site)},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]

    return run
