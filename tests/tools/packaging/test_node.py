"""Which Node.js is chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.packaging import node


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2", "v22.13.0", "v24.0.0", "v25.1.3"])
def test_versions_that_osls_supports_are_accepted(version: str) -> None:
    assert node.is_accepted(version)


@pytest.mark.parametrize(
    "version", ["v18.20.4", "v20.18.9", "v21.7.3", "v22.12.0", "v23.11.0", "", "v20", "nonsense"]
)
def test_versions_that_osls_does_not_support_are_not(version: str) -> None:
    assert not node.is_accepted(version)


def program(folder: Path, name: str, answer: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {answer}\n")
    path.chmod(0o755)


def node_in(folder: Path, version: str, *, npm: bool = True) -> Path:
    program(folder, "node", version)
    if npm:
        program(folder, "npm", "11.0.0")
    return folder


def test_the_systems_node_is_taken_if_osls_accepts_it(tmp_path: Path) -> None:
    system = node_in(tmp_path / "system", "v22.13.1")
    venv = node_in(tmp_path / "venv", "v24.1.0")
    chosen = node.find(str(system), venv)
    assert chosen is not None
    assert (chosen.folder, chosen.version) == (system, "v22.13.1")


@pytest.mark.parametrize(("version", "npm"), [("v18.0.0", True), ("v24.0.0", False)])
def test_the_venvs_node_is_taken_if_the_systems_is_too_old_or_has_no_npm(
    tmp_path: Path, version: str, npm: bool
) -> None:
    system = node_in(tmp_path / "system", version, npm=npm)
    venv = node_in(tmp_path / "venv", "v24.1.0")
    chosen = node.find(str(system), venv)
    assert chosen is not None
    assert chosen.folder == venv


def test_a_node_that_does_not_run_is_as_good_as_none(tmp_path: Path) -> None:
    system = node_in(tmp_path / "system", "v24.0.0")
    (system / "node").write_text("#!/bin/sh\nexit 1\n")
    assert node.find(str(system), tmp_path / "venv") is None


def test_the_chosen_node_comes_first_on_path() -> None:
    chosen = node.Node(Path("/chosen"), "v24.0.0", "here")
    assert chosen.environment({"PATH": "/usr/bin", "HOME": "/h"}) == {
        "PATH": "/chosen:/usr/bin",
        "HOME": "/h",
    }
