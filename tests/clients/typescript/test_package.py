"""The package @liveproof/client: its own tests, its types, and what npm would publish."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

from liveproof import __version__
from tests.support import typescript
from tools import ROOT

FOLDER = typescript.FOLDER
# Built once, in one process.
pytestmark = pytest.mark.xdist_group("typescript")


@pytest.fixture
def manifest() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    return parsed


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as its users have it."""
    folder = tmp_path_factory.mktemp("user")
    typescript.install(folder)
    return folder / "node_modules" / "@liveproof" / "client"


def test_the_packages_own_tests_pass() -> None:
    typescript.build()
    typescript.node("test/run.mjs", folder=FOLDER)


def test_sources_tests_and_examples_pass_the_strict_type_check() -> None:
    typescript.build()
    typescript.node("node_modules/typescript/bin/tsc", folder=FOLDER)


def test_the_types_are_those_of_the_openapi_document(manifest: dict[str, Any]) -> None:
    typescript.build()
    program, document, *options, _ = manifest["scripts"]["schema"].split()
    assert program == "openapi-typescript"
    folder = FOLDER / "node_modules" / program
    cli = folder / json.loads((folder / "package.json").read_text(encoding="utf-8"))["bin"][program]
    # Without --output the types go to standard output.
    options.remove("--output")
    printed = typescript.node(cli, FOLDER / document, *options, folder=FOLDER)
    stored = (FOLDER / "src" / "schema.ts").read_text(encoding="utf-8")
    assert printed.strip() == stored.strip(), "run npm run schema in clients/typescript"


def test_its_version_is_liveproofs(manifest: dict[str, Any]) -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))
    assert manifest["version"] == lock["version"] == lock["packages"][""]["version"] == __version__


def test_it_has_no_dependencies_and_its_developers_are_pinned(manifest: dict[str, Any]) -> None:
    assert "dependencies" not in manifest
    assert all(
        re.fullmatch(r"\d+\.\d+\.\d+", version) for version in manifest["devDependencies"].values()
    )
    lock = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert all(
        "integrity" in package and "resolved" not in package for package in packages.values()
    )


def test_npm_would_publish_the_build_and_three_files() -> None:
    with tarfile.open(typescript.packed()) as tarball:
        names = {member.name.removeprefix("package/") for member in tarball.getmembers()}
    built = {f"dist/{path.relative_to(FOLDER / 'dist')}" for path in _files(FOLDER / "dist")}
    assert names == built - {"dist/.built"} | {"LICENSE", "README.md", "package.json"}


def test_every_entry_point_is_there_with_its_types(
    manifest: dict[str, Any], published: Path
) -> None:
    paths = list(_paths(manifest["exports"]))
    assert len(paths) >= 10
    assert [path for path in paths if not (published / path).is_file()] == []


def test_code_for_browsers_loads_nothing_else_and_runs_under_a_strict_csp(published: Path) -> None:
    dist = published / "dist"
    scripts = [
        dist / "index.js",
        *dist.glob("upload/*browser*.js"),
        dist / "upload" / "md5-worker.js",
    ]
    assert len(scripts) >= 5
    for script in scripts:
        code = script.read_text(encoding="utf-8")
        imported = re.findall(r'^(?:import|export)?.*\bfrom "([^"]+)"', code, re.MULTILINE)
        assert all(name.startswith("./") for name in imported), script.name
        forbidden = r"\beval\(|new Function|WebAssembly|createObjectURL|\bprocess\.|node:"
        assert re.findall(forbidden, code) == [], script.name
    (own,) = (
        script for script in scripts if "import.meta.url" in script.read_text(encoding="utf-8")
    )
    assert (own.parent / "md5-worker.js").is_file()


def test_the_licence_of_the_md5_is_in_the_package(published: Path) -> None:
    text = (published / "dist" / "upload" / "LICENSE.noble-hashes").read_text(encoding="utf-8")
    assert "Paul Miller" in text
    assert (published / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _paths(exports: Any) -> list[str]:
    if isinstance(exports, str):
        return [exports]
    return [path for export in exports.values() for path in _paths(export)]
