"""The functions' code as the local platform gets it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools import ROOT
from tools.local.tencent import unpacked as code
from tools.packaging.tencent import zips


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    # On the disk of the repository: links do not lead from one disk to another.
    return code.unpack(Path(tmp_path_factory.mktemp("code")) / "functions")


def test_every_function_has_its_handler_liveproof_and_bytecode(unpacked: dict[str, Path]) -> None:
    assert list(unpacked) == zips.functions()
    for name, folder in unpacked.items():
        source = ROOT / "functions" / name / "handler.py"
        assert (folder / "handler.py").read_bytes() == source.read_bytes()
        assert (folder / "liveproof" / "runtime.py").is_file()
        for file in folder.rglob("*.py"):
            cached = file.parent / "__pycache__" / f"{file.stem}.{sys.implementation.cache_tag}.pyc"
            assert cached.is_file(), cached


def test_a_handler_is_imported_without_compiling_anything(unpacked: dict[str, Path]) -> None:
    program = (
        "import sys, importlib\n"
        "import importlib._bootstrap_external as loader\n"
        "loader.SourceLoader.source_to_code = None\n"
        "importlib.import_module('handler')\n"
    )
    for folder in unpacked.values():
        done = subprocess.run(
            [sys.executable, "-S", "-s", "-B", "-c", program],
            cwd=folder, env={"LIVEPROOF_CLOUD": "tencent"}, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def test_an_unpacked_package_is_linked_and_not_unpacked_again(
    unpacked: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "unpack", None)
    again = code.unpack(tmp_path / "functions")
    for name, folder in again.items():
        one, two = folder / "handler.py", unpacked[name] / "handler.py"
        assert one.stat().st_ino == two.stat().st_ino


def test_bytecode_that_another_process_is_writing_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The temporary file was gone when it was read, and the local cloud did not start.
    sources = tmp_path / "layers" / "liveproof"
    cache = sources / "__pycache__"
    cache.mkdir(parents=True)
    (tmp_path / "infra" / "tencent").mkdir(parents=True)
    (tmp_path / "infra" / "tencent" / "functions.json").write_text("{}")
    (tmp_path / "lock.txt").write_text("")
    (sources / "one.py").write_text("ONE = 1\n")
    monkeypatch.setattr(code, "ROOT", tmp_path)
    monkeypatch.setattr(code, "_LOCK", tmp_path / "lock.txt")
    monkeypatch.setattr(code, "_SOURCES", ("layers/liveproof",))
    before = code._state()

    (cache / "one.cpython-311.pyc.140234").write_bytes(b"half")
    assert code._state() == before

    (sources / "one.py").write_text("ONE = 2\n")
    assert code._state() != before
