"""Trials of `make mutants`: what a mutant changes is seen, and nothing of its trial is left."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.mutation import mutate
from tests.mutation.importers import CORE
from tests.mutation.record import Record
from tests.mutation.session import Mutation
from tests.mutation.trial import Mutant, Trials
from tools import ROOT

MODULE = """\
from dataclasses import dataclass
from functools import cache

LIMIT = 3

def f():
    return 1

def unseen():
    return 2

@cache
def table(): return {"a": 4}

def numbers():
    yield 5

def outer():
    def inner(): return 6
    return inner

def down(n):
    while n > 0:
        n -= 1

class Square:
    @property
    def side(self): return 7

@dataclass(frozen=True)
class Pair:
    first: int = 8

PACE = 9
"""
USER = """\
from liveproof import m
from liveproof.m import LIMIT, f

def uses():
    return f() + LIMIT
"""
TESTS = """\
import dataclasses
import pytest
from liveproof import m, user

def test_uses(): assert user.uses() == 4
def test_table(): assert m.table() is m.table() and m.table() == {"a": 4}
def test_numbers(): assert list(m.numbers()) == [5]
def test_inner(): assert m.outer()() == 6
def test_down(): m.down(3)
def test_side(): assert m.Square().side == 7
def test_pair():
    assert m.Pair().first == 8
    with pytest.raises(dataclasses.FrozenInstanceError): m.Pair().first = 9
def test_pace(tmp_path): assert tmp_path.exists() and m.PACE != 0
"""


def line_of(text: str) -> int:
    """The number of the module's only line with the text."""
    (number,) = (number for number, line in enumerate(MODULE.splitlines(), 1) if text in line)
    return number


NAMES = ("uses", "table", "numbers", "inner", "down", "side", "pair", "pace")
RECORD = Record(
    seconds={f"tests/test_m.py::test_{name}": 0.01 for name in NAMES},
    lines={
        "m.py": {
            line_of("return 1"): [0],
            line_of('"a": 4'): [1],
            line_of("yield 5"): [2],
            line_of("return 6"): [3],
            line_of("n -= 1"): [4],
            line_of("return 7"): [5],
        }
    },
    modules=["dataclasses", "pytest"],
)
# In place of Cosmic Ray's Python: the operators are texts and what replaces them.
REPLACING = f"""\
#!{sys.executable}
import json, sys
assert sys.argv[1] == {mutate.__file__!r}
for file, operator, _ in json.load(sys.stdin):
    before, after = operator.removeprefix("core/").split(" -> ")
    text = open(file).read()
    assert before in text
    print(json.dumps(text.replace(before, after) if after else None), flush=True)
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a module of the core, one that imports from it, and their tests."""
    tree = tmp_path_factory.mktemp("mutants") / "tree"
    core = tree / CORE
    core.mkdir(parents=True)
    (core / "m.py").write_text(MODULE)
    (core / "user.py").write_text(USER)
    (tree / "tests").mkdir()
    (tree / "tests" / "test_m.py").write_text(TESTS)
    (tree / "tests" / "mutation").symlink_to(ROOT / "tests" / "mutation")
    program = tree.parent / "python"
    program.write_text(REPLACING)
    program.chmod(0o755)
    return tree


def tried(tree: Path, *changes: str) -> list[Mutant]:
    """The mutants of the module, tried one after the other; changes are `removed -> added`."""
    mutations = [
        Mutation(f"{CORE}m.py", line_of(change.partition(" -> ")[0]), f"core/{change}", 0)
        for change in changes
    ]
    return list(Trials(tree, tree.parent / "python", 1).attempt(mutations, RECORD))


NOTICED = {
    "a function that another module imported by its name": ("return 1 -> return 0", "uses"),
    "a constant that another module imported by its name": ("LIMIT = 3 -> LIMIT = 4", "uses"),
    "a function whose result is kept": ('{"a": 4} -> {"a": 5}', "table"),
    "a decorator": ("@cache -> #", "table"),
    "a generator": ("yield 5 -> yield 6", "numbers"),
    "a function in a function": ("return 6 -> return 7", "inner"),
    "a property": ("return 7 -> return 8", "side"),
    "the decorator of a property": ("@property -> #", "side"),
    "the default of a field": ("first: int = 8 -> first: int = 9", "pair"),
    "an argument of a class's decorator": ("frozen=True -> frozen=False", "pair"),
    "a loop without end": ("n -= 1 -> pass", "down: no end"),
}
UNSEEN, SAME = "return 2 -> return 3", "return 1 -> return 1"
BROKEN, IMPOSSIBLE = "LIMIT = 3 -> LIMIT = 3 / 0", "yield 5 -> "


@pytest.fixture(scope="module")
def results(tree: Path) -> Iterator[dict[str, Mutant]]:
    """All mutants, one after the other, by their changes."""
    before = sorted(tree.rglob("*"))
    changes = [*(change for change, _ in NOTICED.values()), SAME, UNSEEN, BROKEN, IMPOSSIBLE]
    yield {mutant.operator: mutant for mutant in tried(tree, *changes)}
    assert sorted(tree.rglob("*")) == before, "a trial writes nothing"
    assert (tree / CORE / "m.py").read_text() == MODULE


@pytest.mark.parametrize(("change", "name"), NOTICED.values(), ids=NOTICED)
def test_a_mutant_is_noticed_by_its_test(
    results: dict[str, Mutant], change: str, name: str
) -> None:
    assert results[change].noticed_by == f"tests/test_m.py::test_{name}"


def test_a_trial_leaves_nothing_to_the_next_one(results: dict[str, Mutant]) -> None:
    assert (results[SAME].noticed_by, results[SAME].tests) == (None, 1)


def test_a_line_that_no_test_runs_is_judged_by_all_tests_of_its_module(
    results: dict[str, Mutant],
) -> None:
    mutant = results[UNSEEN]

    assert (mutant.noticed_by, mutant.tests) == (None, len(NAMES))
    assert f"{mutant.removed} -> {mutant.added}" == UNSEEN


def test_a_module_that_cannot_be_imported_is_noticed(results: dict[str, Mutant]) -> None:
    assert results[BROKEN].noticed_by == "tests/test_m.py"


def test_what_cannot_be_made_is_left_out(results: dict[str, Mutant]) -> None:
    assert IMPOSSIBLE not in results


SLEEPS = """\
import os, subprocess, time
child = subprocess.Popen(["sleep", "600"])
open({pids!r}, "w").write(f"{{os.getpid()}} {{child.pid}}\\n")
time.sleep(600)
"""
ATTEMPT = """\
import sys
from pathlib import Path
from tests.mutation.test_trial import tried
tried(Path(sys.argv[1]), sys.argv[2])
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_command_that_is_stopped_leaves_no_process(
    tree: Path, tmp_path: Path, number: signal.Signals
) -> None:
    pids = tmp_path / "pids"
    change = f"PACE = 9 -> PACE = 9\n{SLEEPS.format(pids=str(pids))}"
    command = subprocess.Popen(
        [sys.executable, "-c", ATTEMPT, tree, change], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    until(lambda: pids.exists() and pids.read_text().endswith("\n"))
    command.send_signal(number)

    assert command.wait(60) != 0
    until(lambda: not any(map(is_alive, map(int, pids.read_text().split()))))


def until(is_so: Callable[[], bool]) -> None:
    """Wait for it, for a minute at most."""
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_alive(process: int) -> bool:
    """Whether there is such a process, and nobody waits for its end only."""
    with suppress(FileNotFoundError):
        return ") Z" not in Path(f"/proc/{process}/stat").read_text()
    return False


# In place of Cosmic Ray's library, which fails at the name of an exception that has a dot.
MUTATING = """\
def mutate_code(before, operator, occurrence):
    return {"same": before, "other": before.upper(), "no Python": "def f(/): 0"}[operator]
"""


def test_a_change_that_makes_no_program_is_left_out_and_the_next_one_is_made(
    tmp_path: Path,
) -> None:
    library = tmp_path / "cosmic_ray"
    library.mkdir()
    (library / "mutating.py").write_text(MUTATING)
    (library / "plugins.py").write_text("def get_operator(name): return lambda: name\n")
    (tmp_path / "m.py").write_text("a\n")
    specs = [("m.py", operator, 0) for operator in ("unknown", "same", "no Python", "other")]

    texts = subprocess.run(
        [sys.executable, mutate.__file__],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        input=json.dumps(specs),
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert [json.loads(line) for line in texts.splitlines()] == [None, None, None, "A\n"]
