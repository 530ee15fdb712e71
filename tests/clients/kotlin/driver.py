"""The Kotlin client's program for tests, in one JVM: clients/kotlin/src/test/…/Driver.kt."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import toolchains
from tools import ROOT
from tools.processes import clean_environment

FOLDER = ROOT / "clients" / "kotlin"
SNIPPETS = ROOT / "examples" / "uploading" / "kotlin"


def built() -> Path:
    """The folder with the built client; skips, in CI fails, without Java and Maven."""
    sources = [*sorted(FOLDER.glob("src/**/*.kt")), *sorted(SNIPPETS.glob("*.kt"))]
    return toolchains.kotlin(FOLDER, sources)


class Driver:
    """Answers one line at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, word: str, file: Path, upload: Mapping[str, Any] | None = None) -> list[str]:
        """The parts of the answer to `fingerprint`, `upload` or `snippet`."""
        parts = [word, str(file), *_parts(upload)] if upload else [word, str(file), ""]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\t".join(parts) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the driver ended: {self._process.poll()}"
        return line.rstrip("\n").split("\t")


@contextmanager
def running() -> Iterator[Driver]:
    """A driver until the block ends."""
    place = built()
    jars = [place / "target" / "classes", place / "target" / "test-classes", f"{place}/lib/*"]
    command = [toolchains.require("java"), "-cp", ":".join(map(str, jars))]
    options = [*toolchains.SHORT_RUN, "-Dfile.encoding=UTF-8"]
    with subprocess.Popen(
        [*command, *options, "liveproof.client.DriverKt"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=clean_environment({}),
    ) as process:  # fmt: skip
        try:
            yield Driver(process)
        finally:
            process.kill()


def _parts(upload: Mapping[str, Any]) -> list[str]:
    return [upload["url"], *(f"{name}={value}" for name, value in upload["headers"].items())]
