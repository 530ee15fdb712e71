"""A mutant's trial: the change is made, its tests run, and the change is taken back."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

from tests.mutation import chosen, recorder
from tests.mutation.record import Record
from tests.mutation.session import Mutation

CORE = "layers/liveproof/"
NOTHING = "(nothing)"
_MOST_SECONDS = 900
_CPU_SECONDS = 60
_PYTEST = (sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S.*?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """A mutant that was tried.

    Attributes:
        module: its path below layers/liveproof.
        noticed_by: the test that failed; None if the mutant survived.
        removed, added: the lines that differ; NOTHING if there are none.
    """

    module: str
    line: int
    operator: str
    noticed_by: str | None
    removed: str
    added: str


class Trials:
    """Trials in a copy of the repository."""

    def __init__(self, tree: Path, program: Path) -> None:
        self._tree, self._program = tree, program
        self._digest = _digest(tree)
        paths = f"{tree / 'layers'}:{tree}"
        self._variables = {"PATH": "/usr/bin:/bin", "PYTHONPATH": paths}

    def cosmic_ray(self, *arguments: str | Path) -> None:
        """A command of Cosmic Ray."""
        command = [self._program, "-m", "cosmic_ray.cli", *arguments]
        subprocess.run(command, cwd=self._tree, env=self._variables, check=True)

    def record(self, suites: Sequence[str]) -> Record:
        """Run the suites once, without a change; a record of the same files is used again.

        Raises:
            CalledProcessError: a test failed.
        """
        (packages,) = self._program.parent.parent.glob("lib/python*/site-packages")
        digest = hashlib.sha256(repr((self._digest, suites)).encode()).hexdigest()[:12]
        into = self._tree.parent / f"record-{digest}.json"
        if into.exists():
            return Record.read(into)
        variables = {recorder.PACKAGES: str(packages), recorder.RECORD: str(into)}
        command = [*_PYTEST, "-p", "tests.mutation.recorder", *suites]
        variables = {**self._variables, **variables}
        subprocess.run(command, cwd=self._tree, env=variables, stdout=sys.stderr, check=True)
        return Record.read(into)

    def attempt(self, mutation: Mutation, record: Record) -> Mutant | None:
        """Try a mutation; None if Cosmic Ray cannot make it."""
        path = self._tree / mutation.file
        before = path.read_text("utf-8")
        try:
            operator, occurrence = mutation.operator, str(mutation.occurrence)
            self.cosmic_ray("apply", mutation.file, operator, occurrence)
            after = path.read_text("utf-8")
            if after == before:
                return None
            # The mutant has its original's size, and may have its time.
            Path(cache_from_source(str(path))).unlink(missing_ok=True)
            module = mutation.file.removeprefix(CORE)
            tests = record.may_notice(module, before, mutation.line)
            noticed_by = self._noticed_by(record, tests)
        finally:
            path.write_text(before, "utf-8")
        return mutant(mutation, before, after, noticed_by)

    def _noticed_by(self, record: Record, tests: list[str]) -> str | None:
        runs = (self._failed(part, record.sum_seconds(part)) for part in record.split(tests))
        return next(filter(None, runs), None)

    def _failed(self, tests: list[str], seconds: float) -> str | None:
        """The first of the tests that fails; None if all pass. They take so many seconds."""
        if not tests:
            return None
        names = self._tree.parent / "chosen.json"
        names.write_text(json.dumps(tests), "utf-8")
        # As in a whole run: in another order, pytest does not find the fixtures of some modules.
        files = sorted({test.partition("::")[0] for test in tests})
        command = [*_PYTEST, "-x", "-p", "tests.mutation.chosen", *files]
        # Else the bytecode of a mutant could be mistaken for its original's.
        variables = {chosen.CHOSEN: str(names), "PYTHONDONTWRITEBYTECODE": "1"}
        limit = _CPU_SECONDS + 5 * round(seconds)
        try:
            done = self._limited(command, variables, limit)
        except subprocess.TimeoutExpired:
            return f"no end within {_MOST_SECONDS} seconds"
        if done.returncode == 0:
            return None
        failed = _FAILED.search(done.stdout)
        return failed[1] if failed else f"exit status {done.returncode}"

    def _limited(
        self, command: Sequence[str], variables: Mapping[str, str], cpu_seconds: int
    ) -> subprocess.CompletedProcess[str]:
        """Run it; an endless loop ends when the time on the processor is over."""
        return subprocess.run(
            command,
            cwd=self._tree,
            env={**self._variables, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_MOST_SECONDS,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds)),
        )


def _digest(tree: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(file for file in tree.rglob("*") if file.is_file()):
        digest.update(f"{file.relative_to(tree)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def mutant(mutation: Mutation, before: str, after: str, noticed_by: str | None) -> Mutant:
    """A mutation that was tried, with the lines that it changed."""
    changed = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0))[2:]
    return Mutant(
        mutation.file.removeprefix(CORE),
        mutation.line,
        mutation.operator.removeprefix("core/"),
        noticed_by,
        removed=_lines(changed, "-"),
        added=_lines(changed, "+"),
    )


def _lines(changed: list[str], sign: str) -> str:
    """The lines of a diff with this sign, as one; empty ones are left out."""
    lines = [text[1:].strip() for text in changed if text[0] == sign]
    return " ".join(filter(None, lines)) or NOTHING
