"""The data: every fact has its source, every action its four files, and the README tells them."""

import ast
import json
import sys
from pathlib import Path

import pytest

import liveproof_emulator
from liveproof_emulator import facts
from liveproof_emulator.actions import FILES
from liveproof_emulator.catalogue import Catalogue
from liveproof_emulator.scenarios import marked_name
from tools.docs import emulator_actions

ROOT = Path(liveproof_emulator.__file__).parent
CATALOGUE = Catalogue()
README = (ROOT / "README.md").read_text("utf-8")
FACT_FILES = sorted([*ROOT.glob("actions/*/facts.json"), ROOT / "data/common.json",
                     ROOT / "data/cos.json"])  # fmt: skip


@pytest.mark.parametrize("path", FACT_FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_fact_says_where_it_is_from(path: Path) -> None:
    assert facts.read(path).entries


@pytest.mark.parametrize(
    "entry",
    [
        {"value": 1},
        {"value": 1, "source": "", "date": "2026-11-20", "confirmed": True},
        {"value": 1, "source": "x", "date": "2026-11-20", "confirmed": "yes"},
    ],
)
def test_a_fact_without_its_source_is_refused(tmp_path: Path, entry: dict[str, object]) -> None:
    path = tmp_path / "facts.json"
    path.write_text(json.dumps({"limit": entry}), "utf-8")
    with pytest.raises(ValueError, match="limit"):
        facts.read(path)


def test_a_fact_is_read_by_its_type_only() -> None:
    with pytest.raises(TypeError):
        facts.COMMON.text("signature_window_seconds")
    with pytest.raises(TypeError):
        facts.COMMON.number("malformed_body_code")


def test_every_action_has_exactly_its_four_files() -> None:
    folders = [path for path in (ROOT / "actions").iterdir() if path.name[0] != "_"]
    folders = [path for path in folders if path.is_dir()]
    assert len(folders) == len(CATALOGUE.actions) == 8
    for folder in folders:
        assert {path.name for path in folder.iterdir()} - {"__pycache__"} == set(FILES)


def test_every_code_a_scenario_or_fault_sends_is_described_unless_it_is_meant_to_be_unknown() -> (
    None
):
    sent = {fault.code for fault in CATALOGUE.faults.values()}
    for action in CATALOGUE.actions.values():
        sent |= {str(scenario.values["code"]) for scenario in action.scenarios.values()
                 if scenario.values.get("code") is not None}  # fmt: skip
        sent |= set(action.facts.texts("codes"))
    unknown = {"FailedOperation.NotInAnyList", "InternalError.NotInAnyList"}
    assert sent - set(CATALOGUE.codes) == unknown


def test_no_name_is_a_scenario_and_a_fault() -> None:
    for action in CATALOGUE.actions.values():
        assert not set(action.scenarios) & set(CATALOGUE.faults)


def test_the_page_of_the_actions_is_the_one_that_the_data_give() -> None:
    assert "](actions.md)" in README
    for action in CATALOGUE.actions.values():
        assert f"| {action.name} |" in README
        for scenario in action.scenarios.values():
            assert f"| `{scenario.name}` | {scenario.about} |" in emulator_actions.page(CATALOGUE)


def test_the_readme_lists_every_fault() -> None:
    for fault in CATALOGUE.faults.values():
        assert f"`{fault.name}`" in README
        assert fault.once or f"| {fault.about} |" in README


def test_everything_that_is_unconfirmed_is_on_a_page() -> None:
    for path in FACT_FILES:
        listed = README if path.parent.name == "data" else emulator_actions.page(CATALOGUE)
        for name, fact in facts.read(path).entries.items():
            assert fact.confirmed or f"| `{name}` |" in listed, f"{path.parent.name}: {name}"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"", None),
        (b"liveproof-scenario: spoof", "spoof"),
        (b"\xff\xd9\nliveproof-scenario: spoof\r\n", "spoof"),
        (b"liveproof-scenario: one\nliveproof-scenario: two\n", "two"),
        (b"liveproof-scenario: spoof" + bytes(256), None),
        (b"liveproof-scenario: \xff", "\\xff"),
    ],
)
def test_the_scenario_is_read_from_a_file_s_last_bytes(body: bytes, name: str | None) -> None:
    assert marked_name(body) == name


def test_the_emulator_needs_nothing_of_the_project_and_only_its_own_packages() -> None:
    packages = {"PIL", "aiohttp", "av", "cryptography", "fastcrc", "yarl"}
    allowed = {"liveproof_emulator", *packages, *sys.stdlib_module_names}
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [name.name for name in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [str(node.module)]
            assert {name.split(".")[0] for name in names} <= allowed, path
