"""`make mutants`: its sample, its results, its page of explained survivors."""

from __future__ import annotations

import random
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.mutation import session, trial
from tests.mutation.__main__ import is_explained
from tests.mutation.chosen import Chosen
from tests.mutation.importers import importers, name_of
from tests.mutation.record import MOST_AT_IMPORT, MOST_SECONDS, Record, statement_at
from tests.mutation.server import Result
from tests.mutation.session import Mutation
from tests.mutation.suites import EVERYWHERE, PARTS, part_of
from tests.mutation.trial import Mutant
from tools import ROOT

SURVIVOR = Mutant("domain/lease.py", 9, "NumberReplacer", None, "a = 1", "a = 2", 3)


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

    before, after = "b = 3\n    a = 1\n", "b = 3\n    a = 2\n"
    assert trial.mutant(mutation, before, after, Result(None, 3)) == SURVIVOR


def test_a_decorator_that_is_removed_leaves_nothing() -> None:
    mutation = Mutation("layers/liveproof/m.py", 2, "core/RemoveDecorator", 0)
    after = "class C:\n    def f(self): ...\n"
    before = after.replace(":\n", ":\n\n    @property\n", 1)
    mutant = trial.mutant(mutation, before, after, Result(None, 3))

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
    {"t.py::all": 9.0, "t.py::f": 1.0, "n.py::other": 1.0, "t.py::table": 1.0, "u.py::values": 1.0},
    {"m.py": {5: [0, 3], 8: [0, 1], 11: [0]}, "n.py": {1: [0, 2]}},
    [],
)


@pytest.mark.parametrize(
    ("line", "importers", "tests"),
    [
        (9, {"n.py"}, ["t.py::f", "t.py::all"]),
        (11, {"n.py"}, ["t.py::all"]),
        (1, set(), ["t.py::f", "t.py::table", "t.py::all"]),
        (1, {"n.py"}, ["t.py::f", "n.py::other", "t.py::table", "t.py::all"]),
        (1, {"u.py"}, ["u.py::values", "t.py::f", "t.py::table", "t.py::all"]),
        (13, set(), ["t.py::f", "t.py::table", "t.py::all"]),
    ],
    ids=[
        "a statement",
        "one test's",
        "at import",
        "at import of another module",
        "at import of a file of tests",
        "nobody's",
    ],
)
def test_the_tests_of_a_line_are_those_that_ran_it_and_the_nearest_come_first(
    line: int, importers: set[str], tests: list[str]
) -> None:
    assert RECORD.may_notice("m.py", SOURCE, line, importers) == tests


def test_the_tests_of_a_module_that_runs_the_importer_come_after_its_own() -> None:
    record = Record({"a": 1.0, "b": 1.0}, {"m.py": {8: [1], 9: [1]}, "n.py": {1: [0]}}, [])

    assert record.may_notice("m.py", SOURCE, 1, {"n.py"}) == ["b", "a"]


def test_the_tests_in_a_modules_own_file_come_first_at_import_although_they_run_much() -> None:
    record = Record(
        {"t.py::small": 1.0, "test_m.py::large": 1.0},
        {"m.py": {8: [0, 1]}, "n.py": {1: [1], 2: [1]}},
        [],
    )

    assert record.may_notice("m.py", SOURCE, 1) == ["test_m.py::large", "t.py::small"]
    assert record.may_notice("m.py", SOURCE, 8) == ["t.py::small", "test_m.py::large"]


def test_a_line_that_nobody_runs_or_imports_has_all_tests() -> None:
    assert set(RECORD.may_notice("other.py", "a = 1", 1)) == set(RECORD.tests)


def test_the_suites_that_look_at_every_module_follow_at_import() -> None:
    suites = [f"{suite}::a" for suite in EVERYWHERE]
    record = Record({**dict.fromkeys(suites, 1.0), "t.py::f": 1.0}, {"m.py": {8: [2]}}, [])

    assert record.may_notice("m.py", SOURCE, 1) == ["t.py::f", *suites]
    assert record.may_notice("m.py", SOURCE, 8) == ["t.py::f"]


def test_the_tests_of_a_mutant_have_an_end() -> None:
    seconds = {f"t.py::{number}": 0.1 for number in range(1000)}
    record = Record(seconds, {"m.py": {8: list(range(1000))}}, [])

    at_import, in_function = (record.may_notice("m.py", SOURCE, line) for line in (1, 8))

    assert len(at_import) == MOST_AT_IMPORT
    assert sum(seconds[test] for test in in_function) == pytest.approx(MOST_SECONDS, abs=0.2)


def test_waves_of_tests_grow() -> None:
    seconds = {f"t.py::{number}": 0.5 for number in range(40)}

    waves = Record(seconds, {}, []).waves(list(seconds))

    assert [len(wave) for wave in waves] == [4, 20, 16]
    assert [test for wave in waves for test in wave] == list(seconds)


def test_the_chosen_tests_run_alone_and_those_of_a_file_together() -> None:
    collected = ["a.py::one", "a.py::two", "b.py::one", "b.py::two"]
    items: list[Any] = [SimpleNamespace(nodeid=test) for test in collected]
    seconds = {"b.py::two": 0.1, "a.py::one": 0.1, "b.py::one": 0.1}

    Chosen(seconds, lambda _what, _test: None).pytest_collection_modifyitems(items)

    assert [item.nodeid for item in items] == ["b.py::one", "b.py::two", "a.py::one"]


def test_a_module_is_imported_by_its_name_or_for_a_name_of_it(tmp_path: Path) -> None:
    texts = {
        "layers/liveproof/a.py": "from liveproof.m import f",
        "layers/liveproof/b/c.py": "def f():\n    from liveproof import m, n",
        "tests/test_d.py": "import liveproof.m",
        "tests/test_e.py": "from liveproof import n",
    }
    for file, text in texts.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)

    found = importers(tmp_path, texts)[name_of("layers/liveproof/m.py")]

    assert found == {"a.py", "b/c.py", "tests/test_d.py"}
    assert name_of("layers/liveproof/domain/__init__.py") == "liveproof.domain"


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
