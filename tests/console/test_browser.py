"""The console in headless Chromium, on both local clouds: each file of browser/ is a test."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from liveproof_client import Liveproof
from tests.console.chromium import BROWSER, run_in_browser
from tools import ROOT
from tools.demo import samples
from tools.local.cloud import LocalCloud
from tools.packaging.node import choose

_CLIENT = str(ROOT / "clients" / "python" / "src")
FILES = sorted(path.name for path in BROWSER.glob("*.test.mjs"))


@pytest.mark.parametrize("file", FILES)
def test_the_console(local_cloud: LocalCloud, tmp_path: Path, file: str) -> None:
    local_cloud.emulator.reset()
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(samples.photo(None, samples.new_rng()).data)
    snippets = tmp_path / "snippets"
    snippets.mkdir()
    site = {"console": local_cloud.console.page, "photo": str(photo), "snippets": str(snippets)}
    run_in_browser(file, site)
    for snippet in snippets.iterdir():
        assert_runs(snippet, local_cloud)


def assert_runs(snippet: Path, local_cloud: LocalCloud) -> None:
    """A request that was copied from the page does what it says, whatever a client's text is."""
    text = snippet.read_text(encoding="utf-8")
    command: dict[str, list[str | Path]] = {
        "curl": ["sh", "-c", text],
        "Python": [sys.executable, "-c", text],
        "TypeScript": [choose().folder / "node", "--input-type=module", "-e", text],
    }
    done = subprocess.run(
        command[snippet.name],
        cwd=ROOT / "console",  # Node looks for @liveproof/client there
        env={**os.environ, "LIVEPROOF_API_KEY": local_cloud.api_key, "PYTHONPATH": _CLIENT},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, (snippet.name, done.stdout, done.stderr)
    created = re.search(r"ver_[0-9a-z]{26}", done.stdout)
    assert created, done.stdout
    with Liveproof(local_cloud.api, local_cloud.api_key) as liveproof:
        reference = liveproof.get(created[0])["reference"]
    assert "<img src=x onerror=alert(1)>\"'`${1}</script>" in str(reference)
