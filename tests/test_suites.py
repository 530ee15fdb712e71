"""The table of suites names every folder, and the quick ones are those that `make` runs."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROW = re.compile(
    r"^\| `(\w+)` \| (.*) \| (.*) \| (\d+|-) \| (\d*) \| ?(yes|no)? ?\|$", re.MULTILINE
)


def rows() -> dict[str, tuple[str, str]]:
    """A folder of the table to what it needs, and whether it is quick."""
    table = (ROOT / "tests" / "README.md").read_text("utf-8")
    return {name: (needs, quick) for name, _, needs, _, _, quick in ROW.findall(table)}


def quick_suites() -> list[str]:
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    (line,) = re.findall(r"^QUICK := (.*)$", makefile, re.MULTILINE)
    return [Path(name).name for name in line.split()]


def test_every_folder_is_in_the_table_and_no_other() -> None:
    folders = {
        path.name
        for path in (ROOT / "tests").iterdir()
        if (path.is_dir() and any(path.rglob("*.py"))) or path.name == "data"
    }
    assert set(rows()) == folders


def test_the_quick_suites_of_the_table_are_those_of_make() -> None:
    quick = {name for name, (_, quick) in rows().items() if quick == "yes"}
    assert quick == {name for name in quick_suites() if not name.endswith(".py")}


def test_a_quick_suite_needs_nothing() -> None:
    assert {needs for needs, quick in rows().values() if quick == "yes"} == {"nothing"}


def test_the_quick_files_are_there() -> None:
    assert all((ROOT / "tests" / name).exists() for name in quick_suites())
