"""The command `liveproof`, as make installs it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout at another place, with the command where make puts it."""
    clone = tmp_path / "a clone"
    programs = clone / ".venv" / "bin"
    programs.mkdir(parents=True)
    for package in ("layers", "liveproof_cli"):
        (clone / package).symlink_to(ROOT / package)
    python = programs / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    shutil.copy(ROOT / "tools" / "liveproof", programs)
    return clone


def run(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [clone / ".venv" / "bin" / "liveproof", *arguments],
        cwd="/", env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def test_the_command_explains_a_code_from_any_folder(clone: Path) -> None:
    done = run(clone, "explain", "4007", "--json")
    assert done.returncode == 0, done.stderr
    entries = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"not_live"} <= {entry.get("reason") for entry in entries}


def test_the_command_fails_as_the_module_does(clone: Path) -> None:
    done = run(clone, "explain", "no such code")
    assert done.returncode == 1
    assert "no such code" in done.stderr


def targets() -> list[str]:
    """Every target that the list names and that needs the packages."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"^([a-z_.-]+):.*## ", text, re.MULTILINE)
    return [target for target in named if target not in ("help", "clean")]


@pytest.mark.parametrize("target", targets())
def test_every_target_that_installs_the_packages_installs_the_command(target: str) -> None:
    """As in a fresh clone: make shows what it would do."""
    shown = subprocess.run(
        ["make", "--dry-run", "--always-make", target],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    ).stdout.splitlines()  # fmt: skip
    packages = [number for number, line in enumerate(shown) if "tools.install run" in line]
    command = [number for number, line in enumerate(shown) if line.startswith("install -m 755")]
    assert len(packages) >= 1
    assert len(command) == 1
    assert packages[0] < command[0]
    assert shown[command[0]].split()[-2:] == ["tools/liveproof", ".venv/bin/liveproof"]


@pytest.mark.parametrize("folder", ["clients/typescript", "console"])
def test_the_packages_of_node_are_installed_in_a_checkout_with_a_space_in_its_path(
    clone: Path, folder: str
) -> None:
    """The path of Python went to the shell without quotes, so the first word of the path ran."""
    shutil.copy(ROOT / "Makefile", clone)
    (clone / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "liveproof", clone / "tools")
    for name in ("requirements/run.txt", "requirements/uv.txt", ".venv/.installed"):
        (clone / name).parent.mkdir(exist_ok=True)
        (clone / name).touch()
    for name in ("package.json", "package-lock.json"):
        (clone / folder / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / folder / name).touch()
    (clone / folder / "node_modules").mkdir()
    built = clone / "clients" / "typescript" / "dist" / ".built"
    built.parent.mkdir(parents=True, exist_ok=True)
    built.touch()
    asked = clone / "asked"
    (clone / ".venv" / "bin" / "python").write_text(f'#!/bin/sh\necho "$PWD $*" > "{asked}"\n')
    stamp = f"{folder}/node_modules/.installed"
    done = subprocess.run(
        ["make", f"--old-file={built.relative_to(clone)}", stamp],
        cwd=clone, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert asked.read_text().startswith(f"{clone / folder} -m tools.packaging.node npm ci")
    assert (clone / stamp).exists()
