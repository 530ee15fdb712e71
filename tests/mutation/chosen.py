"""A plugin of pytest that runs the chosen tests alone.

The files are in the order of their first chosen tests, and the tests of a file in their own: they
share what their module sets up.
"""

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
    tests = set(chosen)
    files = list(dict.fromkeys(test.partition("::")[0] for test in chosen))
    items[:] = sorted(
        (item for item in items if item.nodeid in tests),
        key=lambda item: files.index(item.nodeid.partition("::")[0]),
    )
