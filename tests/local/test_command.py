"""The command `liveproof`, as make installs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout at another place, with the command where make puts it."""
    clone = tmp_path / "a clone"
    programs = clone / ".venv" / "bin"
    programs.mkdir(parents=True)
    (clone / "layers").symlink_to(ROOT / "layers")
    python = programs / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    shutil.copy(ROOT / "local" / "liveproof", programs)
    return clone


def run(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [clone / ".venv" / "bin" / "liveproof", *arguments],
        cwd="/", env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def test_the_command_explains_a_code_from_any_folder(clone: Path) -> None:
    done = run(clone, "explain", "4007")
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"not_live"} <= {each.get("reason") for each in found}


def test_the_command_fails_as_the_module_does(clone: Path) -> None:
    done = run(clone, "explain", "no such code")
    assert done.returncode == 1
    assert "no such code" in done.stderr


def test_make_installs_the_command_after_the_packages() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "$(VENV)/bin/liveproof: local/liveproof $(VENV)/.installed\n" in makefile
    assert ".venv: $(VENV)/bin/liveproof " in makefile
