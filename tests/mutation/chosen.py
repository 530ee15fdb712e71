"""A plugin of pytest that runs the chosen tests alone, and tells how far they are.

The files are in the order of their first chosen tests, and the tests of a file in their own: they
share what their module sets up.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Mapping

import pytest

_CPU_SECONDS = 5


class Chosen:
    """Runs the tests of a trial.

    Args:
        seconds: that each of the tests takes without a change, the nearest first. A test that takes
            ten times as long and five seconds more on the processor ends its process.
        tell: is called with ("runs", test) before each test, and with ("failed", test) after it.
    """

    def __init__(self, seconds: Mapping[str, float], tell: Callable[[str, str], None]) -> None:
        self._seconds, self._tell = seconds, tell

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        files = list(dict.fromkeys(test.partition("::")[0] for test in self._seconds))
        items[:] = sorted(
            (item for item in items if item.nodeid in self._seconds),
            key=lambda item: files.index(item.nodeid.partition("::")[0]),
        )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._tell("failed", report.nodeid)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._tell("runs", nodeid)
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = used.ru_utime + used.ru_stime + _CPU_SECONDS + 10 * self._seconds[nodeid]
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (round(seconds), most))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._tell("failed", report.nodeid)
