"""SCF's packages: what is in them, and that it is enough to run on."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tools import ROOT
from tools.packaging import elf, selection, wheels
from tools.packaging.tencent import zips
from tools.processes import ToolError

PYTHON = wheels.interpreter(zips.PYTHON)
needs_python = pytest.mark.skipif(PYTHON is None, reason="no Python 3.10 is installed here")
WITH_CRYPTOGRAPHY = {"run_check", "deliver_result", "webhooks"}
EVERYTHING = """
import importlib, pathlib, sys, warnings
warnings.simplefilter("error")
root = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(root))
for file in sorted(root.rglob("*.py")):
    parts = file.relative_to(root).with_suffix("").parts
    importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
"""


@pytest.fixture(scope="module")
def listed(built: Path) -> dict[str, dict[str, Any]]:
    """packages.json."""
    document: dict[str, dict[str, Any]] = json.loads((built / "packages.json").read_text())
    return document


@pytest.fixture(scope="module")
def names(built: Path, listed: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """Function to the files in its zip."""
    return {
        function: zipfile.ZipFile(built / entry["zip"]).namelist()
        for function, entry in listed.items()
    }


def test_the_list_tells_name_size_and_hash_of_each_zip(
    built: Path, listed: dict[str, dict[str, Any]]
) -> None:
    assert set(listed) == set(zips.functions())
    for function, entry in listed.items():
        content = (built / entry["zip"]).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        assert (entry["bytes"], entry["sha256"]) == (len(content), digest)
        assert entry["zip"] == f"{function}-{digest[:16]}.zip"
    assert {path.name for path in built.glob("*.zip")} == {e["zip"] for e in listed.values()}


def test_every_zip_is_small_enough_for_a_request(listed: dict[str, dict[str, Any]]) -> None:
    for entry in listed.values():
        assert entry["bytes"] < 6_000_000
    # And only those that encrypt or sign are near that.
    large = {name for name, entry in listed.items() if entry["bytes"] > 2_000_000}
    assert large == WITH_CRYPTOGRAPHY


def test_a_zip_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "MAX_ZIP_BYTES", 100_000)
    with pytest.raises(ToolError, match=r"api: \d+ bytes"):
        zips.package(tmp_path)


@needs_python
def test_every_zip_has_its_bytecode(names: dict[str, list[str]]) -> None:
    for files in names.values():
        assert "__pycache__/handler.cpython-310.pyc" in files


@needs_python
def test_bytecode_is_left_out_where_there_is_no_room_for_it(
    listed: dict[str, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "functions", lambda: ["sweep"])
    monkeypatch.setattr(zips, "MAX_ZIP_BYTES", listed["sweep"]["bytes"] - 1)

    (archive,) = zips.package(tmp_path).glob("*.zip")

    assert not [name for name in zipfile.ZipFile(archive).namelist() if name.endswith(".pyc")]


def test_the_same_sources_make_the_same_bytes(
    tmp_path: Path, listed: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zips, "functions", lambda: ["sweep"])
    again = json.loads((zips.package(tmp_path) / "packages.json").read_text())
    assert again == {"sweep": listed["sweep"]}


def test_a_zip_has_neither_times_nor_owners_of_the_machine(
    built: Path, listed: dict[str, dict[str, Any]]
) -> None:
    entries = zipfile.ZipFile(built / listed["run_check"]["zip"]).infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {oct(entry.external_attr >> 16) for entry in entries} == {"0o100644", "0o100755"}
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)


def test_a_zip_holds_its_handler_the_library_and_what_they_import(
    names: dict[str, list[str]],
) -> None:
    for files in names.values():
        assert {"handler.py", "liveproof/runtime.py", "liveproof/clouds/tencent/runtime.py"} <= set(
            files
        )
        assert sum(file.startswith("certifi/authorities/") for file in files) > 100
        library = ROOT / "layers"
        facts = {path.relative_to(library).as_posix() for path in package_data()}
        assert facts <= set(files)


def package_data() -> list[Path]:
    return sorted((ROOT / "layers" / "liveproof" / "data").rglob("*.json"))


def test_only_functions_that_encrypt_or_sign_have_the_library_for_it(
    names: dict[str, list[str]],
) -> None:
    with_it = {f for f, files in names.items() if any("cryptography/" in file for file in files)}
    assert with_it == WITH_CRYPTOGRAPHY


def test_nothing_of_the_other_cloud_and_nothing_for_developers_is_packed(
    names: dict[str, list[str]],
) -> None:
    for files in names.values():
        for file in files:
            assert not file.startswith(
                ("liveproof/clouds/aws", "boto", "tests/", "tools/", "liveproof_emulator/")
            )
            assert not file.endswith((".pyi", ".c", ".h", ".log"))


def test_every_package_comes_with_its_licence_name_and_version(
    names: dict[str, list[str]],
) -> None:
    for files in names.values():
        packed = {file.split("/")[0].partition(".")[0] for file in files if "/" in file}
        ours = {"liveproof", "__pycache__"}
        metadata = {file.split("/")[0] for file in files if ".dist-info/" in file}
        for folder in metadata:
            inside = [file for file in files if file.startswith(folder)]
            assert f"{folder}/METADATA" in inside
        for top in packed - ours - {text.partition(".")[0] for text in metadata}:
            expected = selection.distribution(top)
            assert any(text.startswith(f"{expected}-") for text in metadata), top


def test_every_binary_runs_with_the_glibc_of_scf(
    built: Path, listed: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    versions = set()
    for entry in listed.values():
        with zipfile.ZipFile(built / entry["zip"]) as archive:
            for name in archive.namelist():
                if name.endswith(".so"):
                    file = Path(archive.extract(name, tmp_path))
                    assert (2, 0) < elf.needed_glibc(file) <= (2, 17), name
                    versions.add(file.name)
    assert {"_rust.abi3.so", "_core.cpython-310-x86_64-linux-gnu.so"} <= versions


def test_a_wheel_or_binary_for_a_newer_system_stops_the_build(tmp_path: Path) -> None:
    folder = tmp_path / "thing-1.0.dist-info"
    folder.mkdir()
    (folder / "WHEEL").write_text("Tag: cp310-cp310-manylinux_2_28_x86_64\n")
    with pytest.raises(ToolError, match=r"thing-1.0.dist-info is for .*2_28"):
        zips._require_old_glibc(tmp_path)
    (folder / "WHEEL").write_text("Tag: py3-none-any\n")
    (tmp_path / "thing.so").write_bytes(b"\x7fELF GLIBC_2.9\0GLIBC_2.28\0")
    with pytest.raises(ToolError, match=r"thing.so needs glibc 2.28"):
        zips._require_old_glibc(tmp_path)


def test_the_local_cloud_gets_the_same_modules_for_its_own_interpreter(
    tmp_path: Path, names: dict[str, list[str]]
) -> None:
    folder = zips.unpack("run_check", tmp_path / "run_check")
    here = {path.relative_to(folder).as_posix() for path in folder.rglob("*.py")}
    assert here == {name for name in names["run_check"] if name.endswith(".py")}
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", EVERYTHING, str(folder)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")


@needs_python
@pytest.mark.parametrize("function", zips.functions())
def test_every_module_of_a_package_can_be_imported_with_nothing_else_there(
    built: Path, listed: dict[str, dict[str, Any]], tmp_path: Path, function: str
) -> None:
    zipfile.ZipFile(built / listed[function]["zip"]).extractall(tmp_path)
    ran = subprocess.run(
        [str(PYTHON), "-I", "-S", "-B", "-c", EVERYTHING, str(tmp_path)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
