"""Programs in Go, Java, JavaScript, Kotlin and Rust, built once under build/ from their locks.

A toolchain that is not there fails the tests in CI, and skips them elsewhere; the reason names it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.support import environments
from tools.packaging.node import choose

# Where installers put them, for a shell whose PATH does not say so.
_USUAL_PLACES = (Path("/usr/local/go/bin"), Path.home() / ".cargo" / "bin")

SHORT_RUN = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Options of java for a run of seconds: what is compiled quickly is fast enough, and the JVM's
second compiler costs more than it gains."""
_MAVEN = ["--batch-mode", "--quiet", "--strict-checksums"]
_COPY_JARS = "dependency:copy-dependencies"
# Maven has no lock file of its own.
_JARS = {
    "gson-2.11.0.jar": "57928d6e5a6edeb2abd3770a8f95ba44dce45f3b23b7a9dc2b309c581552a78b",
    "standardwebhooks-1.2.0.jar": (
        "ba63bc64feb5866750ca72770108fbcbbed28862bc1cc577db7bd3ef9d2d007b"
    ),
}


def require(program: str) -> str:
    """The path of a toolchain's program. Skips the test if there is none; in CI it fails."""
    places = [*os.environ.get("PATH", "").split(os.pathsep), *map(str, _USUAL_PLACES)]
    path = shutil.which(program, path=os.pathsep.join(places))
    if path is None:
        reason = f"NOT RUN: there is no {program} here"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def node(script: Path, packages: Path) -> tuple[list[str | Path], dict[str, str]]:
    """The command for a script, and its environment with the packages that a folder locks."""
    modules = environments.node_modules(packages)
    return [choose().folder / "node", script], {"NODE_PATH": str(modules)}


def go(folder: Path) -> Path:
    """The program of a folder's Go module, at the versions of its go.sum."""
    command = require("go")
    sources = [*sorted(folder.glob("*.go")), folder / "go.mod", folder / "go.sum"]
    with environments.installed(f"go-{folder.name}", sources) as place:
        program = place / "bin" / "program"
        # Without cgo no C compiler is needed.
        variables = {**_home(), "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly -trimpath"}
        if not program.exists():
            environments.run([command, "build", "-o", program, "."], folder, variables)
    return program


def rust(folder: Path, name: str) -> Path:
    """The program `name` of a folder's crate, at the versions of its Cargo.lock."""
    command = require("cargo")
    sources = [*sorted(folder.glob("src/*.rs")), folder / "Cargo.toml", folder / "Cargo.lock"]
    with environments.installed(f"rust-{folder.name}", sources) as place:
        program = place / "bin" / "program"
        if not program.exists():
            target = place / "target"
            options = ["--locked", "--quiet", "--target-dir", str(target)]
            environments.run([command, "build", *options], folder, _home())
            # The rest has sixty megabytes.
            program.parent.mkdir()
            shutil.move(target / "debug" / name, program)
            shutil.rmtree(target)
    return program


def java(source: Path, packages: Path) -> list[str | Path]:
    """The command for a file of Java source, with the jars that a folder's pom.xml names."""
    command = require("java")
    with environments.installed("java", [packages / "pom.xml"]) as place:
        jars = place / "lib"
        if not jars.exists():
            _maven(packages, f"-DoutputDirectory={jars}", _COPY_JARS)
            _require_jars(jars, _JARS)
    return [command, *SHORT_RUN, "-cp", f"{jars}/*", source]


def java_program(folder: Path) -> list[str | Path]:
    """The command for `Driver` of a folder's Java sources, compiled, with the jars of its pom.xml.

    `jars.sha256` beside the pom has the digest of each jar.
    """
    command, compiler = require("java"), require("javac")
    sources, pom, hashes = sorted(folder.glob("*.java")), folder / "pom.xml", folder / "jars.sha256"
    with environments.installed(f"java-{folder.parent.name}", [pom, hashes, *sources]) as place:
        jars, classes = place / "lib", place / "target"
        if not classes.exists():
            shutil.rmtree(jars, ignore_errors=True)
            _maven(folder, f"-DoutputDirectory={jars}", _COPY_JARS)
            _require_jars(jars, _listed(hashes))
            options = [f"-J{option}" for option in SHORT_RUN]
            environments.run(
                [compiler, *options, "-d", classes, "-cp", f"{jars}/*", *sources], folder
            )
    return [command, *SHORT_RUN, "-cp", f"{classes}:{jars}/*", "Driver"]


def kotlin(folder: Path, sources: Iterable[Path]) -> Path:
    """What a folder's pom.xml makes of its sources, with its own tests run: `classes`,
    `test-classes` and `surefire-reports` in `target`, and the jars in `lib`.

    Maven runs the goals without the rest of its life cycle, whose plugins need not be fetched.
    """
    require("java")
    hashes = folder / "jars.sha256"
    with environments.installed("kotlin", [folder / "pom.xml", hashes, *sources]) as place:
        built, jars = place / "target", place / "lib"
        if not jars.exists():
            places = [f"-Dbuild.folder={built}", f"-DoutputDirectory={jars}"]
            goals = ["kotlin:compile@compile", "kotlin:test-compile@test-compile", "surefire:test"]
            ignored = "-Dmaven.test.failure.ignore=true"  # a test of ours reads the reports
            _maven(folder, *places, ignored, *goals, _COPY_JARS)
            _require_jars(jars, _listed(hashes))
    return place


def _maven(folder: Path, *arguments: str) -> None:
    variables = {"MAVEN_OPTS": " ".join(SHORT_RUN)}
    environments.run([require("mvn"), *_MAVEN, *arguments], folder, variables)


def _listed(hashes: Path) -> dict[str, str]:
    """The digests in a file of sha256sum's, by name."""
    lines = [line.split() for line in hashes.read_text(encoding="ascii").splitlines()]
    return {name: digest for digest, name in lines}


def _require_jars(jars: Path, expected: Mapping[str, str]) -> None:
    arrived = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in jars.iterdir()}
    if arrived != expected:
        shutil.rmtree(jars)
        raise RuntimeError(f"other jars arrived: {arrived}")


def _home() -> dict[str, str]:
    """Go and rustup keep things under HOME, which not every environment has."""
    return {"HOME": str(Path.home())}
