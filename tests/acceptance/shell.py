"""An operator's shell, with the command `liveproof`."""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import Any

from tests.docs.pages import ROOT

SECONDS = 60
_COMMAND_SECONDS = 180
"""The end of a command that hangs: `doctor` starts a dozen functions at once, on a busy machine."""

WHY = ("--why", "ticket 7")


class Operator:
    """A shell in which LIVEPROOF_DEPLOYMENT names the local cloud."""

    def __init__(self, deployment: str) -> None:
        self._environment = {"PATH": os.environ["PATH"], "LIVEPROOF_DEPLOYMENT": deployment}

    def run(self, *arguments: str, status: int = 0) -> str:
        """The output of a command that ends with this status; of one that failed, the error's."""
        done = self._done(status, arguments)
        return done.stderr if status else done.stdout

    def type(self, script: str) -> str:
        """What a page's commands print, as they stand there."""
        done = subprocess.run(
            ["bash", "-euc", script],
            cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False,
            timeout=_COMMAND_SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stderr}{done.stdout}"
        return f"{done.stdout}{done.stderr}"

    def lines(self, *arguments: str, status: int = 0) -> list[dict[str, Any]]:
        done = self._done(status, (*arguments, "--json"))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def _done(self, status: int, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [ROOT / ".venv" / "bin" / "liveproof", *arguments],
            env=self._environment, capture_output=True, text=True, check=False,
            timeout=_COMMAND_SECONDS,
        )  # fmt: skip
        assert done.returncode == status, f"{done.stderr}{done.stdout}"
        return done

    def show(self, verification_id: str) -> dict[str, Any]:
        (shown,) = self.lines("show", verification_id)
        return shown

    def hold(self, verification_id: str) -> None:
        """Holds a verification as soon as it may be: not before its files are proven, and not while
        a function is at the vendor."""
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                self.run("hold", verification_id, *WHY)
            except AssertionError:
                assert time.monotonic() < deadline, self.show(verification_id)
            else:
                return
