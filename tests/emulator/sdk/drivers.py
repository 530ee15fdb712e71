"""The vendors' SDKs in four languages: each a program that reads plans as JSON and tells outcomes.

All languages read the same plans, which the tests make.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import environments, toolchains
from tools import ROOT

Drive = Callable[[object], list[dict[str, Any]]]

LANGUAGES = ("python", "node", "go", "java")
GO = ROOT / "tests" / "emulator" / "go"
JAVA = ROOT / "tests" / "emulator" / "java"
_RUN_SECONDS = 120


@contextmanager
def driver(language: str, sdk: str) -> Iterator[Drive]:
    """The program of a language for `intl` (the API) or `cos`.

    A missing toolchain is a skip that names it, and a failure in CI. In Go and Java one process
    answers every plan: a JVM takes a second to start.
    """
    if language == "python":
        yield environments.python(sdk)
    elif language == "node":
        yield environments.node(sdk)
    else:
        command = [toolchains.go(GO)] if language == "go" else toolchains.java_program(JAVA)
        with _program(command) as drive:
            yield drive


@contextmanager
def _program(command: list[str | Path] | list[Path]) -> Iterator[Drive]:
    """A running program that reads a plan per line and writes the outcomes per line."""
    with subprocess.Popen(
        command,
        env={"PATH": os.environ.get("PATH", "")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stderr is not None
        plans, outcomes, complaints = program.stdin, program.stdout, program.stderr

        def drive(plan: object) -> list[dict[str, Any]]:
            watch = threading.Timer(_RUN_SECONDS, program.kill)
            watch.start()
            try:
                plans.write(json.dumps(plan) + "\n")
                plans.flush()
                line = outcomes.readline()
            finally:
                watch.cancel()
            assert line, complaints.read()[-2000:]
            results: list[dict[str, Any]] = json.loads(line)
            return results

        try:
            yield drive
        finally:
            program.kill()
