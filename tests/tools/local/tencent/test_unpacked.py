"""The functions' code as the local platform gets it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tools import ROOT
from tools.local.tencent import unpacked as code
from tools.packaging.tencent import zips


@pytest.fixture(scope="module")
def unpacked() -> Iterator[dict[str, Path]]:
    with code.code() as folders:
        yield folders


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


def test_the_same_sources_are_unpacked_once(
    unpacked: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "unpack", None)

    with code.code() as again:
        assert again == unpacked


def test_code_that_is_in_use_is_kept_and_the_oldest_other_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def use(state: str) -> AbstractContextManager[dict[str, Path]]:
        monkeypatch.setattr(code, "_state", lambda: state)
        return code.code()

    monkeypatch.setattr(code, "_CACHE", tmp_path)
    monkeypatch.setattr(code, "_make", lambda cached: cached.mkdir())
    with use("in use"):
        for number in range(code._MAX_STATES + 1):
            with use(f"later {number}"):
                pass
            os.utime(tmp_path / f"later {number}", (number, number))
        os.utime(tmp_path / "in use", (0, 0))
        with use("last"):
            assert {"in use", "last"} <= {folder.name for folder in tmp_path.iterdir()}
            assert not (tmp_path / "later 0").exists()
    with use("last"):
        assert not (tmp_path / "in use").exists()


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
