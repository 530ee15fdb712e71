"""What a run of the suites recorded, and the tests that may notice a change of a line."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from tests.mutation.suites import EVERYWHERE

MOST_SECONDS = 60.0
"""How long the tests of a mutant may take, as they did without it."""
MOST_AT_IMPORT = 400
"""How many tests run for a line that runs at import."""

_FIRST_WAVE = 2.0
_GROWTH = 5
_LEAST_SECONDS = 0.05  # its share of setting up, and of importing its file

_Function = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Record:
    """Which tests ran which lines.

    Attributes:
        seconds: of each test, in the order in which they ran.
        lines: by module (its path below layers/liveproof) and line: the numbers of the tests.
        modules: the names of the modules from elsewhere that were imported.
    """

    seconds: dict[str, float]
    lines: dict[str, dict[int, list[int]]]
    modules: list[str]

    @classmethod
    def read(cls, path: Path) -> Record:
        """From the file that the plugin `recorder` wrote."""
        read = json.loads(path.read_text("utf-8"))
        lines = {
            module: {int(line): tests for line, tests in by_line.items()}
            for module, by_line in read["lines"].items()
        }
        return cls(read["seconds"], lines, read["modules"])

    @cached_property
    def tests(self) -> list[str]:
        """All tests, by their numbers."""
        return list(self.seconds)

    @cached_property
    def _sizes(self) -> Counter[int]:
        """How many lines a test runs: the fewer, the more it is about each of them."""
        by_line = (tests for module in self.lines.values() for tests in module.values())
        return Counter(test for tests in by_line for test in tests)

    def may_notice(
        self, module: str, source: str, line: int, importers: Collection[str] = ()
    ) -> list[str]:
        """The tests that may notice a change of a line, the nearest first.

        These are the tests that run its statement. Of a statement that runs at import, and of one
        that no test was seen to run, they are the tests that run the module or are in a file that
        imports it, then those that run a module that imports it (if there are none: all tests),
        and then those of EVERYWHERE. The tests in the module's own file come before all others.

        Args:
            importers: the files that import the module: modules below layers/liveproof, and tests
                below the repository.
        """
        statement = statement_at(source, line)
        by_line = self.lines.get(module, {})
        running = {test for row in statement.lines for test in by_line.get(row, ())}
        if not statement.is_run_at_import and running:
            chosen = sorted(running, key=lambda test: self._sizes[test])
            return self._within_time([self.tests[test] for test in chosen])
        near = self._running(module)
        files = [test.partition("::")[0] for test in self.tests]
        near.update(number for number, file in enumerate(files) if file in importers)
        far = set().union(*(self._running(importer) for importer in importers)) - near
        own = f"test_{Path(module).stem}"
        chosen = sorted(
            near | far or range(len(self.tests)),
            key=lambda test: (Path(files[test]).stem != own, test in far, self._sizes[test]),
        )
        chosen = chosen[:MOST_AT_IMPORT]
        chosen += [n for n, file in enumerate(files) if file in EVERYWHERE and n not in chosen]
        return self._within_time([self.tests[test] for test in chosen])

    def _running(self, module: str) -> set[int]:
        """The tests that run any line of a module."""
        return {test for tests in self.lines.get(module, {}).values() for test in tests}

    def _within_time(self, tests: list[str]) -> list[str]:
        ends = accumulate(self.seconds[test] for test in tests)
        return [test for test, end in zip(tests, ends, strict=True) if end <= MOST_SECONDS]

    def waves(self, tests: list[str]) -> list[dict[str, float]]:
        """The tests with their seconds, in parts: of two seconds, of ten, of fifty and so on."""
        waves: list[dict[str, float]] = []
        left = 0.0
        for test in tests:
            if left <= 0:
                left = _FIRST_WAVE * _GROWTH ** len(waves)
                waves.append({})
            waves[-1][test] = self.seconds[test]
            left -= max(self.seconds[test], _LEAST_SECONDS)
        return waves


@dataclass(frozen=True)
class Statement:
    """A statement, or the head of one that has a body.

    Attributes:
        is_run_at_import: or once in a process, since its function's result is kept.
    """

    lines: range
    is_run_at_import: bool


def statement_at(source: str, line: int) -> Statement:
    """The innermost statement that has the line; an `else` belongs to the head before it."""
    statement, is_run_at_import = Statement(range(line, line + 1), True), True
    body: list[ast.stmt] = ast.parse(source).body
    while around := next((node for node in body if line in _lines(node)), None):
        body = [node for node in ast.walk(around) if isinstance(node, ast.stmt) and node != around]
        body = [node for node in body if line in _lines(node)]
        head = _head(around)
        if isinstance(around, _Function) and line not in head:
            is_run_at_import = any("cache" in ast.unparse(word) for word in around.decorator_list)
        statement = Statement(head, is_run_at_import)
    return statement


def _lines(node: ast.stmt) -> range:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(word.lineno for word in decorators)])
    return range(first, (node.end_lineno or node.lineno) + 1)


def _head(node: ast.stmt) -> range:
    lines = _lines(node)
    inner = [child for child in ast.walk(node) if isinstance(child, ast.stmt) and child != node]
    if not inner:
        return lines
    return range(lines.start, max(lines.start + 1, min(_lines(child).start for child in inner)))
