"""The tests that the page of guarantees names exist, and every promise has one."""

from __future__ import annotations

import ast
import re

import pytest

from tests.docs.pages import ROOT, text_of

ROWS = [
    [cell.strip() for cell in row.strip("| ").split(" | ")]
    for row in re.findall(r"^\| [A-Z].*\|$", text_of("guarantees.md"), re.MULTILINE)
]
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
NAMED = sorted({match for _, tests in ROWS for match in _NAMED.findall(tests)})


@pytest.mark.parametrize(("file", "test"), NAMED, ids=lambda part: str(part))
def test_a_test_that_a_promise_names_exists(file: str, test: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert test in functions


@pytest.mark.parametrize(("promise", "tests"), ROWS, ids=[promise for promise, _ in ROWS])
def test_a_promise_names_tests_and_nothing_else(promise: str, tests: str) -> None:
    assert promise.endswith(".")
    assert _NAMED.search(tests)
    assert re.sub(r", ", "", _NAMED.sub("", tests)) == ""
