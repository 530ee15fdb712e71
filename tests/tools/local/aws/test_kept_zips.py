"""The local AWS unpacks a zip once, however many workers start."""

from __future__ import annotations

import importlib
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from tools.local.aws import kept_zips
from tools.local.aws.kept_zips import KeptZips


def zipped(path: Path, text: str) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("python/liveproof/__init__.py", text)
        made.writestr("handler.py", "")
    return path


def linked(zips: KeptZips, archive: Path, into: Path) -> Path:
    into.mkdir()
    zips.link(archive, into)
    return into


def test_the_same_bytes_are_unpacked_once_and_others_anew(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    zips = KeptZips(kept)
    first = linked(zips, zipped(tmp_path / "1.zip", "a = 1"), tmp_path / "1")
    again = linked(zips, (tmp_path / "1.zip").rename(tmp_path / "2.zip"), tmp_path / "2")
    other = linked(zips, zipped(tmp_path / "3.zip", "a = 2"), tmp_path / "3")

    file = "python/liveproof/__init__.py"
    assert (first / file).samefile(again / file)
    assert [(tree / file).read_text() for tree in (first, other)] == ["a = 1", "a = 2"]
    assert (first / "handler.py").exists()
    assert len(list(kept.iterdir())) == 2


def test_a_worker_that_is_removed_leaves_the_tree_to_the_others(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    zips = KeptZips(kept)
    archive = zipped(tmp_path / "1.zip", "a = 1")
    for child in linked(zips, archive, tmp_path / "1").iterdir():
        child.unlink()
    assert (linked(zips, archive, tmp_path / "2") / "python/liveproof/__init__.py").exists()


def test_a_part_of_a_zip_is_refused(tmp_path: Path) -> None:
    runtime = SimpleNamespace()
    kept_zips.play(runtime)
    archive = zipped(tmp_path / "1.zip", "a = 1")
    with runtime.zipfile.ZipFile(archive) as opened, pytest.raises(NotImplementedError):
        opened.extractall(tmp_path, members=["handler.py"])


def test_ministack_opens_zips_by_the_module_that_is_replaced() -> None:
    runtime = importlib.import_module("ministack.core.lambda_runtime")
    assert runtime.zipfile is zipfile
