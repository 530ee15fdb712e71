"""What a run of the suites recorded, and the tests that may notice a change of a line."""

from __future__ import annotations

import ast
import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_FIRST_SECONDS = 2.0
_FIRST_TESTS = 40

_Function = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Record:
    """Which tests ran which lines.

    Attributes:
        seconds: of each test, in the order in which they ran.
        lines: by module (its path below layers/liveproof) and line: the numbers of the tests.
    """

    seconds: dict[str, float]
    lines: dict[str, dict[int, list[int]]]

    @classmethod
    def read(cls, path: Path) -> Record:
        """From the file that the plugin `recorder` wrote."""
        read = json.loads(path.read_text("utf-8"))
        lines = {
            module: {int(line): tests for line, tests in by_line.items()}
            for module, by_line in read["lines"].items()
        }
        return cls(read["seconds"], lines)

    @cached_property
    def tests(self) -> list[str]:
        """All tests, by their numbers."""
        return list(self.seconds)

    @cached_property
    def _sizes(self) -> Counter[int]:
        """How many lines a test runs: the fewer, the more it is about each of them."""
        by_line = (tests for module in self.lines.values() for tests in module.values())
        return Counter(test for tests in by_line for test in tests)

    def may_notice(self, module: str, source: str, line: int) -> list[str]:
        """The tests that may notice a change of a line, the nearest first.

        These are the tests that run its statement. Of a statement that runs at import, and of one
        that no test was seen to run, they are all tests; those that run the module come first.
        """
        statement = statement_at(source, line)
        by_line = self.lines.get(module, {})
        running = {test for row in statement.lines for test in by_line.get(row, ())}
        if statement.is_run_at_import or not running:
            near = {test for tests in by_line.values() for test in tests}
            chosen = sorted(range(len(self.tests)), key=lambda t: (t not in near, self._sizes[t]))
        else:
            chosen = sorted(running, key=lambda test: self._sizes[test])
        return [self.tests[test] for test in chosen]

    def sum_seconds(self, tests: list[str]) -> float:
        """How long the tests took together."""
        return sum(self.seconds[test] for test in tests)

    def split(self, tests: list[str]) -> tuple[list[str], list[str]]:
        """The first tests, which take two seconds, and the others, the shortest first."""
        count, seconds = 0, 0.0
        for test in tests[:_FIRST_TESTS]:
            seconds += self.seconds[test]
            if seconds > _FIRST_SECONDS:
                break
            count += 1
        return tests[:count], sorted(tests[count:], key=lambda test: self.seconds[test])


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
