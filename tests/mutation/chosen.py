"""A plugin of pytest that runs the chosen tests alone, in the order in which they were chosen."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

CHOSEN = "LIVEPROOF_MUTANTS_CHOSEN"
"""The variable with the path of a JSON list of tests, as pytest names them."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    chosen = json.loads(Path(os.environ[CHOSEN]).read_text("utf-8"))
    places = {test: place for place, test in enumerate(chosen)}
    items[:] = sorted(
        (item for item in items if item.nodeid in places), key=lambda item: places[item.nodeid]
    )
