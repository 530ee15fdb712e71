"""The console in headless Chromium, on both local clouds: each file of browser/ is a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.console.chromium import BROWSER, run_in_browser
from tools.demo import samples
from tools.local.cloud import LocalCloud

FILES = sorted(path.name for path in BROWSER.glob("*.test.mjs"))


@pytest.mark.parametrize("file", FILES)
def test_the_console(local_cloud: LocalCloud, tmp_path: Path, file: str) -> None:
    local_cloud.emulator.reset()
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(samples.photo(None, samples.new_rng()).data)
    run_in_browser(file, {"console": local_cloud.console.page, "photo": str(photo)})
