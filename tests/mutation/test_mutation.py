"""`make mutants`: its sample, its results, its page of explained survivors."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.mutation import chosen, session, trial
from tests.mutation.__main__ import is_explained
from tests.mutation.record import Record, statement_at
from tests.mutation.session import Mutation
from tests.mutation.suites import PARTS, part_of
from tests.mutation.trial import Mutant
from tools import ROOT

SURVIVOR = Mutant("domain/lease.py", 9, "NumberReplacer", None, "a = 1", "a = 2")


def made(folder: Path) -> Path:
    """A session with ten mutants of one place, one of each of nine others, and one left out."""
    path = folder / "session.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TABLE mutation_specs (operator_name, module_path,"
            " start_pos_row, start_pos_col, occurrence)"
        )
        rows = [("core/AddNot", "m.py", 1, 1, n) for n in range(10)]
        rows += [("core/AddNot", "m.py", 2 + n, 1, 0) for n in range(9)]
        rows += [("core/ReplaceBinaryOperator_BitOr_Add", "m.py", 20, 1, 0)]
        database.executemany("INSERT INTO mutation_specs VALUES (?, ?, ?, ?, ?)", rows)
    return path


def test_a_place_counts_once_however_many_mutants_it_has(tmp_path: Path) -> None:
    places = session.places(made(tmp_path))
    sample = session.sample(places, random.Random(1), 10)

    assert len(places) == len(sample) == 10
    assert sorted(mutation.line for mutation in sample) == list(range(1, 11))


def test_the_same_seed_is_the_same_sample(tmp_path: Path) -> None:
    places = session.places(made(tmp_path))
    samples = [session.sample(places, random.Random(seed), 3) for seed in (7, 7, 8)]

    assert samples[0] == samples[1] != samples[2]


def test_a_mutant_shows_the_lines_that_were_changed() -> None:
    mutation = Mutation("layers/liveproof/domain/lease.py", 9, "core/NumberReplacer", 0)

    assert trial.mutant(mutation, "b = 3\n    a = 1\n", "b = 3\n    a = 2\n", None) == SURVIVOR


def test_a_decorator_that_is_removed_leaves_nothing() -> None:
    mutation = Mutation("layers/liveproof/m.py", 2, "core/RemoveDecorator", 0)
    after = "class C:\n    def f(self): ...\n"
    before = after.replace(":\n", ":\n\n    @property\n", 1)
    mutant = trial.mutant(mutation, before, after, None)

    assert (mutant.removed, mutant.added) == ("@property", trial.NOTHING)


SOURCE = """\
LIMIT = 3

@cached
def table():
    return LIMIT

def f(a):
    if (
        a > LIMIT
    ):
        return a
    elif a:
        return 0
    return (1 +
            2)
"""


@pytest.mark.parametrize(
    ("line", "lines", "is_run_at_import"),
    [
        (1, {1}, True),
        (3, {3, 4}, True),
        (5, {5}, True),
        (7, {7}, True),
        (9, {8, 9, 10}, False),
        (11, {11}, False),
        (12, {12}, False),
        (15, {14, 15}, False),
    ],
)
def test_a_line_belongs_to_its_statement_or_to_the_head_of_it(
    line: int, lines: set[int], is_run_at_import: bool
) -> None:
    statement = statement_at(SOURCE, line)

    assert set(statement.lines) == lines
    assert statement.is_run_at_import is is_run_at_import


RECORD = Record(
    {"t.py::all": 9.0, "t.py::f": 1.0, "t.py::other": 1.0, "t.py::table": 1.0},
    {"m.py": {5: [0, 3], 8: [0, 1], 11: [0]}, "n.py": {1: [0, 2]}},
)


@pytest.mark.parametrize(
    ("line", "tests"),
    [
        (9, ["t.py::f", "t.py::all"]),
        (11, ["t.py::all"]),
        (1, ["t.py::f", "t.py::table", "t.py::all", "t.py::other"]),
        (13, ["t.py::f", "t.py::table", "t.py::all", "t.py::other"]),
    ],
    ids=["a statement", "one test's", "at import", "nobody's"],
)
def test_the_tests_of_a_line_are_those_that_ran_it_and_the_nearest_come_first(
    line: int, tests: list[str]
) -> None:
    assert RECORD.may_notice("m.py", SOURCE, line) == tests


def test_the_first_tests_take_two_seconds_and_the_shortest_others_follow() -> None:
    tests = ["t.py::f", "t.py::all", "t.py::table"]

    assert RECORD.split(tests) == (["t.py::f"], ["t.py::table", "t.py::all"])


def test_the_chosen_tests_run_alone_and_those_of_a_file_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = tmp_path / "chosen.json"
    names.write_text('["b.py::two", "a.py::one", "b.py::one"]')
    monkeypatch.setenv(chosen.CHOSEN, str(names))
    collected = ["a.py::one", "a.py::two", "b.py::one", "b.py::two"]
    items: list[Any] = [SimpleNamespace(nodeid=test) for test in collected]

    chosen.pytest_collection_modifyitems(items)

    assert [item.nodeid for item in items] == ["b.py::one", "b.py::two", "a.py::one"]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with one module, of which a test runs one of two functions."""
    tree = tmp_path / "tree"
    (tree / "layers" / "liveproof").mkdir(parents=True)
    (tree / "layers" / "liveproof" / "m.py").write_text(
        "def f():\n    return 1\n\ndef g():\n    return 1\n"
    )
    shutil.copytree(ROOT / "tests" / "mutation", tree / "tests" / "mutation")
    (tree / "test_m.py").write_text("from liveproof.m import f\ndef test_f(): assert f() == 1\n")
    return tree


@pytest.mark.parametrize(("line", "noticed_by"), [(2, "test_m.py::test_f"), (5, None)])
def test_a_trial_names_the_test_that_fails_and_takes_its_change_back(
    tree: Path, line: int, noticed_by: str | None
) -> None:
    # In place of Cosmic Ray: -m cosmic_ray.cli apply FILE OPERATOR OCCURRENCE
    program = tree.parent / "cosmic-ray"
    program.write_text(f'#!/bin/sh\nsed -i "{line}s/1/2/" "$4"\n')
    program.chmod(0o755)
    module = tree / "layers" / "liveproof" / "m.py"
    before = module.read_text()
    record = Record({"test_m.py::test_f": 0.1}, {"m.py": {2: [0]}})
    mutation = Mutation(f"{trial.CORE}m.py", line, "core/NumberReplacer", 0)

    tried = trial.Trials(tree, program).attempt(mutation, record)

    assert tried == Mutant("m.py", line, "NumberReplacer", noticed_by, "return 1", "return 2")
    assert module.read_text() == before


def test_a_survivor_is_explained_by_its_module_and_both_lines() -> None:
    page = "## domain/lease.py\n\n* `a = 1` -> `a = 2`\n  Why.\n"

    assert is_explained(SURVIVOR, page)
    assert is_explained(SURVIVOR, f"# Mutants\n\n{page}\n## domain/ids.py\n")
    assert is_explained(SURVIVOR, page.replace("-> ", "->\n  ")), "a wrapped line"
    assert not is_explained(SURVIVOR, page.replace("lease", "ids"))
    assert not is_explained(SURVIVOR, page.replace("a = 2", "a = 3"))
    assert not is_explained(SURVIVOR, page.replace("* ", "## domain/ids.py\n* "))


def test_every_part_and_suite_is_there() -> None:
    for part in PARTS:
        assert (ROOT / "layers" / "liveproof" / part.path).exists()
        files = [suite.partition("::")[0] for suite in part.suites if suite.startswith("tests/")]
        assert all((ROOT / file).exists() for file in files)


def test_a_module_has_the_suites_of_the_part_that_it_is_in() -> None:
    assert part_of("use_cases/erase.py") == part_of("use_cases")
    with pytest.raises(ValueError, match="clouds/aws is in no part"):
        part_of("clouds/aws")


def test_every_test_that_the_page_names_is_there() -> None:
    page = (ROOT / "tests" / "mutants.md").read_text("utf-8")
    named = re.findall(r"`([\w/]+\.py)` \| `(test_\w+)`", page)

    assert len(named) > 50
    assert [
        (file, test)
        for file, test in named
        if f"def {test}(" not in (ROOT / "tests" / file).read_text("utf-8")
    ] == []
