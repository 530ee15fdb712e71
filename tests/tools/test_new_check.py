"""`make new-check` in a copy of the repository: what it writes, and what the gate then misses."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import ROOT
from tools.new_check.places import PLACES

NAME = "two_faces"
WRITTEN = (
    "layers/liveproof/checks/two_faces.py",
    "layers/liveproof/data/checks.json",
    "tests/checks/test_two_faces.py",
)
_LEFT_OUT = (
    ".git",
    ".venv",
    "node_modules",
    "build",
    ".serverless",
    ".hypothesis",
    ".pytest_cache",
)


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A Python module in the copy."""
    environment = {**os.environ, "PYTHONPATH": f"{copy / 'layers'}:{copy}"}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=copy, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with a new check."""
    folder = tmp_path_factory.mktemp("new_check") / "liveproof"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    done = run(folder, "tools.new_check", NAME)
    assert done.returncode == 0, done.stderr
    (folder / "listed").write_text(done.stdout, encoding="utf-8")
    return folder


def test_the_written_files_and_every_place_that_is_left_are_listed(copy: Path) -> None:
    listed = (copy / "listed").read_text(encoding="utf-8")
    assert re.findall(r"^wrote (.+)$", listed, re.MULTILINE) == list(WRITTEN)
    left = re.findall(r"^\* (\S+): ", listed, re.MULTILINE)
    assert left == [place.path.format(name=NAME) for place in PLACES]


def test_the_scaffolding_passes_format_lint_and_types(copy: Path) -> None:
    sources = [path for path in WRITTEN if path.endswith(".py")]
    for command in (
        ["ruff", "format", "--check"],
        ["ruff", "check"],
        ["mypy", "--strict"],
    ):
        done = run(copy, *command, *sources)
        assert done.returncode == 0, done.stdout


def test_the_gate_fails_at_every_place_that_is_left_and_the_skeletons_say_why(copy: Path) -> None:
    tests = [place.test.format(name=NAME) for place in PLACES]
    done = run(copy, "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "--tb=line", *tests)
    failed = re.findall(r"^FAILED (\S+)", done.stdout, re.MULTILINE)
    assert [test for test in tests if not any(one.startswith(test) for one in failed)] == []
    assert [one for one in failed if not one.startswith(tuple(tests))] == []
    assert done.stdout.count(f"the check `{NAME}` is not finished: ") >= 3


@pytest.mark.parametrize("name", ["photo", "Photo", "1st", "two-faces", "../photo", ""])
def test_a_name_that_is_taken_or_not_valid_writes_nothing(copy: Path, name: str) -> None:
    facts = copy / "layers" / "liveproof" / "data" / "checks.json"
    before = facts.read_bytes()
    done = run(copy, "tools.new_check", name)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert facts.read_bytes() == before
