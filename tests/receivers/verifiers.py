"""The official Standard Webhooks libraries, each called by a program that judges a line at a time.

A line on standard input has six parts between tabs: the key (`whsec_` for `v1`, `whpk_` for `v1a`),
the three headers `webhook-id`, `webhook-timestamp` and `webhook-signature`, the body in base64, and
the seconds since 1970 that the clock shows; empty for the real clock. The libraries of Go, Java and
Rust always take the real clock.

The answer is `accepted` or `refused`, a tab, and for `whsec_` the signature that the library itself
makes of the message.
"""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tests.support import toolchains
from tools import ROOT
from tools.processes import clean_environment

HERE = Path(__file__).parent / "libraries"
EXAMPLES = ROOT / "examples" / "receivers"
LANGUAGES = ("python", "javascript", "go", "java", "rust")
WITH_ED25519 = ("python", "javascript", "go", "java")
"""Rust's standard library has no Ed25519."""
WITH_A_CLOCK = ("python", "javascript")
"""Whose clock a caller can set."""
_SECONDS = 120


@dataclass(frozen=True)
class Case:
    """A webhook, the key to verify it with, and the receiver's clock (None: the real one)."""

    key: str
    headers: Mapping[str, str]
    body: bytes
    now: int | None = None

    def line(self) -> str:
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        encoded = base64.b64encode(self.body).decode("ascii")
        now = "" if self.now is None else str(self.now)
        return "\t".join([self.key, *(self.headers[name] for name in names), encoded, now])


class Judgement(NamedTuple):
    """What a library says, and its own `v1` signature of the message."""

    accepted: bool
    own_signature: str


class Verifier:
    """The program of one language, built at the first use."""

    def __init__(self, language: str) -> None:
        """Skips the test if the language's toolchain is missing."""
        command, variables = _program(language)
        self._command = command
        self._environment = clean_environment(variables)

    def judge(self, cases: Sequence[Case]) -> list[Judgement]:
        """The library's judgement of each case, from one run of the program."""
        done = subprocess.run(
            self._command,
            input="".join(case.line() + "\n" for case in cases),
            env=self._environment,
            capture_output=True,
            encoding="utf-8",
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        judgements = []
        for line in done.stdout.splitlines():
            verdict, own_signature = line.split("\t")
            assert verdict in ("accepted", "refused")
            judgements.append(Judgement(verdict == "accepted", own_signature))
        assert len(judgements) == len(cases)
        return judgements


def _program(language: str) -> tuple[list[str | Path], dict[str, str]]:
    """The command, and variables of its environment."""
    folder = HERE / language
    if language == "python":
        return [sys.executable, folder / "verify.py"], {}
    if language == "javascript":
        return toolchains.node(folder / "verify.js", EXAMPLES / "express")
    if language == "go":
        return [toolchains.go(folder)], {}
    if language == "java":
        return toolchains.java(folder / "Verify.java", EXAMPLES / "java"), {}
    return [toolchains.rust(folder, "verify")], {}
