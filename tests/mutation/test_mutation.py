"""`make mutants`: its sample, its results, its page of explained survivors."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.mutation import session
from tests.mutation.__main__ import is_explained
from tests.mutation.session import Mutant
from tests.mutation.suites import PARTS
from tools import ROOT

SURVIVOR = Mutant("domain/lease.py", 9, "NumberReplacer", False, "a = 1", "a = 2")


def made(folder: Path) -> Path:
    """A session with ten mutants of one place, one of each of nine others, and one left out."""
    path = folder / "session.sqlite"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE work_items (job_id)")
        database.execute("CREATE TABLE work_results (job_id)")
        database.execute(
            "CREATE TABLE mutation_specs (job_id, operator_name, module_path,"
            " start_pos_row, start_pos_col, occurrence)"
        )
        rows = [(f"a{n}", "core/AddNot", "m.py", 1, 1, n) for n in range(10)]
        rows += [(f"b{n}", "core/AddNot", "m.py", 2 + n, 1, 0) for n in range(9)]
        rows += [("c", "core/ReplaceBinaryOperator_BitOr_Add", "m.py", 20, 1, 0)]
        database.executemany("INSERT INTO mutation_specs VALUES (?, ?, ?, ?, ?, ?)", rows)
        database.executemany("INSERT INTO work_items VALUES (?)", [(row[0],) for row in rows])
    return path


def left(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [job for (job,) in database.execute("SELECT job_id FROM work_items ORDER BY 1")]


def test_a_place_counts_once_however_many_mutants_it_has(tmp_path: Path) -> None:
    path = made(tmp_path)

    assert session.places(path) == 10
    assert session.sample(path, random.Random(1), 1.0) == 10
    assert sum(job.startswith("a") for job in left(path)) == 1
    assert "c" not in left(path)


def test_the_same_seed_is_the_same_sample(tmp_path: Path) -> None:
    samples = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        path = made(tmp_path / name)
        assert session.sample(path, random.Random(7), 0.3) == 3
        samples.append(left(path))
    assert samples[0] == samples[1]


def test_a_result_says_what_was_changed_and_whether_a_test_noticed() -> None:
    place = {
        "module_path": "layers/liveproof/domain/lease.py",
        "operator_name": "core/NumberReplacer",
        "start_pos": [9, 4],
    }
    diff = "--- mutation diff ---\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-    a = 1\n+    a = 2\n"
    result = {"diff": diff, "test_outcome": "survived"}
    tried = json.dumps([{"mutations": [place]}, result])
    waiting = json.dumps([{"mutations": [place]}, None])
    unwritten = json.dumps([{"mutations": [place]}, {"diff": None, "test_outcome": "incompetent"}])

    assert list(session.mutants(f"{tried}\n{waiting}\n{unwritten}")) == [SURVIVOR]


def test_a_decorator_that_is_removed_leaves_nothing() -> None:
    place = {"module_path": "m.py", "operator_name": "core/RemoveDecorator", "start_pos": [9, 4]}
    diff = "--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n-\n-    @property\n"
    result = {"diff": diff, "test_outcome": "survived"}
    (mutant,) = session.mutants(json.dumps([{"mutations": [place]}, result]))

    assert (mutant.removed, mutant.added) == ("@property", session.NOTHING)


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
        assert all((ROOT / suite).exists() for suite in part.suites if suite.startswith("tests/"))
