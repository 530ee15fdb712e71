"""The tables of design.md list the tree of the library, its ports, and a date for each decision."""

from __future__ import annotations

import re

from liveproof import admission, ports, quota
from liveproof.dependencies import Dependencies
from tests.docs.pages import ROOT, text_of

LIBRARY = ROOT / "layers" / "liveproof"
PAGE = text_of("design.md")
LISTED = set(
    re.findall(r"`([\w/.]+)`", "".join(re.findall(r"^\| (`[^|]+) \|", PAGE, re.MULTILINE)))
)


def test_every_folder_of_the_library_is_listed() -> None:
    folders = {
        str(module.parent.relative_to(LIBRARY))
        for module in LIBRARY.rglob("*.*")
        if module.parent != LIBRARY and "__pycache__" not in module.parts
    }
    parents = {
        folder for folder in folders if any(other.startswith(f"{folder}/") for other in folders)
    }
    assert sorted(folder for folder in folders - parents if folder not in LISTED) == []
    assert [folder for folder in LISTED if "/" in folder and folder not in folders] == []


def test_every_module_at_the_root_of_the_library_is_listed() -> None:
    modules = {path.name for path in LIBRARY.glob("*.py")} - {"__init__.py"}
    assert {name for name in LISTED if name.endswith(".py")} == modules


def test_every_port_is_listed() -> None:
    annotations = " ".join(str(kind) for kind in Dependencies.__annotations__.values())
    names = {
        name
        for module in (ports, quota, admission)
        for name, value in vars(module).items()
        if getattr(value, "_is_protocol", False) and re.search(rf"\b{name}\b", annotations)
    }
    assert len(names) >= 7
    assert sorted(names - LISTED) == []


def test_every_decision_has_a_date() -> None:
    decisions = re.findall(
        r"^\*\*[^*]+\*\*(.*)$", PAGE.partition("## Decisions taken")[2], re.MULTILINE
    )
    assert len(decisions) > 25
    assert [text for text in decisions if not re.match(r" \((\w+ )*20\d\d-\d\d-\d\d", text)] == []
