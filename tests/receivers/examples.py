"""The receivers of examples/, running."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.receivers.verifiers import EXAMPLES
from tests.support import toolchains
from tests.support.servers import listens
from tools import ROOT
from tools.processes import Child, clean_environment, free_port, wait_until

RECEIVERS = ("fastapi", "express", "aws_lambda", "go", "java")
_START_SECONDS = 90.0


@dataclass(frozen=True)
class Running:
    """A receiver that listens."""

    url: str
    log: Path

    def printed(self) -> list[str]:
        """What it has printed until now, line by line."""
        return self.log.read_text(encoding="utf-8").splitlines()


@contextmanager
def running(name: str, secret: str, folder: Path) -> Iterator[Running]:
    """A receiver with the secret, on its own port. Skips if its toolchain is missing."""
    command, variables = _command(name)
    port = free_port()
    environment = clean_environment(
        {**variables, "WEBHOOK_SECRET": secret, "PORT": str(port), "PYTHONUTF8": "1"}
    )
    if name == "fastapi":
        command += ["--port", str(port)]
    log = folder / f"{name}.log"
    with Child(name, command, log, environment, _folder(name), grace=0) as child:
        deadline = time.monotonic() + _START_SECONDS
        while not listens(port):
            child.require_running()
            assert wait_until(deadline), f"{name} does not listen\n{log.read_text()}"
        yield Running(f"http://127.0.0.1:{port}/hook", log)


def _folder(name: str) -> Path:
    return ROOT if name == "aws_lambda" else EXAMPLES / name


def _command(name: str) -> tuple[list[str | Path], dict[str, str]]:
    """The command, and variables of its environment."""
    folder = EXAMPLES / name
    if name == "fastapi":
        server = [sys.executable, "-m", "uvicorn", "receiver:app", "--log-level", "warning"]
        return [*server], {}
    if name == "express":
        return toolchains.node(folder / "receiver.js", folder)
    if name == "aws_lambda":
        credentials = {f"AWS_{word}": "made-up" for word in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")}
        variables = {**credentials, "AWS_DEFAULT_REGION": "us-east-1", "PYTHONPATH": _paths()}
        return [sys.executable, "-m", "tests.receivers.function_url"], variables
    if name == "go":
        return [toolchains.go(folder)], {}
    return toolchains.java(folder / "Receiver.java", folder), {}


def _paths() -> str:
    return os.pathsep.join([str(ROOT / "layers"), str(ROOT)])
