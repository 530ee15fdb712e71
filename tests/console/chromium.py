"""The browser of the tests, and how a file of browser/ runs in it."""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from tests.support import environments
from tools.console.site import BUILT_PAGE
from tools.packaging.node import choose

BROWSER = Path(__file__).parent / "browser"

_SECONDS = 240
_LINK = "tests"
# Node looks for packages beside the file that asks: the tests are linked beside them.
_KEEP_LINKS = ("--preserve-symlinks", "--preserve-symlinks-main")


def run_in_browser(file: str, site: dict[str, Any], *arguments: str) -> None:
    """Runs a file of browser/; fails with what it printed.

    Args:
        site: what support.mjs reads from CONSOLE_SITE.
        arguments: of the file.
    """
    assert (BUILT_PAGE / "index.html").exists(), "run `make console` first"
    node, place, variables = _browser()
    done = subprocess.run(
        [*node, place / _LINK / file, *arguments],
        cwd=place,
        env={**variables, "CONSOLE_SITE": json.dumps(site)},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]


@cache
def _browser() -> tuple[list[str | Path], Path, dict[str, str]]:
    """Node's command, the folder of its packages and its variables; unpacks the browser once."""
    place = environments.node_modules(BROWSER).parent
    with environments.installed("console-browser", [BROWSER / "package-lock.json"]) as unpacked:
        link = place / _LINK
        if not link.exists():
            link.symlink_to(BROWSER)
        variables = {**os.environ, "TMPDIR": str(unpacked), "HOME": str(unpacked)}
        node: list[str | Path] = [choose().folder / "node", *_KEEP_LINKS]
        if not (unpacked / "bin").exists():
            environments.run([*node, link / "chromium.mjs"], place, variables)
            (unpacked / "bin").mkdir()
    return node, place, variables
