"""A plugin of pytest that records which test runs which lines of the core."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

PACKAGES = "LIVEPROOF_MUTANTS_PACKAGES"
"""The variable with the folder that has coverage.py, which is no package of the tests' own."""
RECORD = "LIVEPROOF_MUTANTS_RECORD"
"""The variable with the path of the file that is written."""


class Recorder:
    """Records from its creation to the end of the session."""

    def __init__(self, tree: Path, record: Path) -> None:
        self._tree, self._core, self._record = tree, tree / "layers" / "liveproof", record
        self._seconds: Counter[str] = Counter()
        self._coverage = import_module("coverage").Coverage(
            data_file=None, config_file=False, source=[str(self._core)]
        )
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._coverage.switch_context(item.nodeid)
        result = yield
        self._coverage.switch_context("")
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] += report.duration  # type: ignore[assignment]

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        data = self._coverage.get_data()
        numbers = {test: number for number, test in enumerate(self._seconds)}
        lines = {
            Path(file).relative_to(self._core).as_posix(): {
                line: [numbers[test] for test in tests if test]
                for line, tests in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        record = {"seconds": self._seconds, "lines": lines, "modules": _modules(self._tree)}
        self._record.write_text(json.dumps(record), "utf-8")


# Hypothesis' plugin takes what is imported after it for a part of its own beginning.
_LEFT_OUT = ("__main__", "coverage", "_hypothesis_pytestplugin")


def _modules(tree: Path) -> list[str]:
    """The names of the imported modules that are in files outside the tree."""
    return [
        name
        for name, module in list(sys.modules.items())
        if (file := getattr(module, "__file__", None))
        and tree not in Path(file).parents
        and name.partition(".")[0] not in _LEFT_OUT
    ]


def pytest_configure(config: pytest.Config) -> None:
    # Last, so that the tests' own packages come first.
    sys.path.append(os.environ[PACKAGES])
    config.pluginmanager.register(Recorder(config.rootpath, Path(os.environ[RECORD])))
