"""Trials of mutants, several at a time: a process for each, and the results as they come."""

from __future__ import annotations

import difflib
import hashlib
import json
import selectors
import subprocess
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType

from tests.mutation import mutate, recorder
from tests.mutation.importers import CORE, importers, name_of
from tests.mutation.record import Record
from tests.mutation.server import Result, Trial
from tests.mutation.session import Mutation

NOTHING = "(nothing)"


@dataclass(frozen=True)
class Mutant:
    """A mutant that was tried.

    Attributes:
        module: its path below layers/liveproof.
        noticed_by: the test that failed; None if the mutant survived.
        removed, added: the lines that differ; NOTHING if there are none.
        tests: how many ran.
    """

    module: str
    line: int
    operator: str
    noticed_by: str | None
    removed: str
    added: str
    tests: int


class Trials:
    """Trials in a copy of the repository.

    Args:
        program: the Python that has Cosmic Ray.
        jobs: how many mutants are tried at a time.
    """

    def __init__(self, tree: Path, program: Path, jobs: int) -> None:
        self._tree, self._program, self._jobs = tree, program, jobs
        self._digest = _digest(tree)
        paths = f"{tree / 'layers'}:{tree}"
        self._variables = {"PATH": "/usr/bin:/bin", "PYTHONPATH": paths}

    def cosmic_ray(self, *arguments: str | Path) -> None:
        """A command of Cosmic Ray."""
        command = [self._program, "-m", "cosmic_ray.cli", *arguments]
        subprocess.run(command, cwd=self._tree, env=self._variables, check=True)

    def record(self, suites: Sequence[str]) -> Record:
        """Run the suites once, without a change; a record of the same files is used again.

        Either leaves the bytecode of all files, which every trial reads.

        Raises:
            CalledProcessError: a test failed.
        """
        (packages,) = self._program.parent.parent.glob("lib/python*/site-packages")
        digest = hashlib.sha256(repr((self._digest, suites)).encode()).hexdigest()[:12]
        into = self._tree.parent / f"record-{digest}.json"
        variables = {recorder.PACKAGES: str(packages), recorder.RECORD: str(into)}
        pytest = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"]
        way, output = ["-p", "tests.mutation.recorder"], sys.stderr.fileno()
        if into.exists():
            way, output = ["--collect-only"], subprocess.DEVNULL
        variables = {**self._variables, **variables}
        command = [*pytest, *way, *suites]
        subprocess.run(command, cwd=self._tree, env=variables, stdout=output, check=True)
        return Record.read(into)

    def attempt(self, mutations: Sequence[Mutation], record: Record) -> Generator[Mutant]:
        """Try mutations, and yield each as its trial ends; those that cannot be made are left out.

        RuntimeError: a process that tries them has ended.
        """
        with ExitStack() as stack, selectors.DefaultSelector() as selector:
            texts = stack.enter_context(closing(self._texts(mutations)))
            for _ in range(self._jobs):
                server = stack.enter_context(_Server(self._tree, self._variables, record.modules))
                if not self._give_next(server, texts, record):
                    break
                selector.register(server.answers, selectors.EVENT_READ, server)
            while selector.get_map():
                for key, _ in selector.select():
                    yield key.data.mutant()
                    if not self._give_next(key.data, texts, record):
                        selector.unregister(key.fileobj)

    def _texts(self, mutations: Sequence[Mutation]) -> Generator[tuple[Mutation, str]]:
        """The mutations that can be made, with the mutants' texts."""
        command = [str(self._program), mutate.__file__]
        specs = [(change.file, change.operator, change.occurrence) for change in mutations]
        with subprocess.Popen(
            command,
            cwd=self._tree,
            env=self._variables,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for this process alone
        ) as process:
            try:
                assert process.stdin
                assert process.stdout
                process.stdin.write(json.dumps(specs))
                process.stdin.close()
                for change, line in zip(mutations, process.stdout, strict=True):
                    if (text := json.loads(line)) is not None:
                        yield change, text
            finally:
                process.kill()

    def _give_next(
        self, server: _Server, texts: Iterator[tuple[Mutation, str]], record: Record
    ) -> bool:
        """Give a server the next mutant, if there is one."""
        mutation, after = next(texts, (None, ""))
        if mutation is None:
            return False
        path, name = self._tree / mutation.file, name_of(mutation.file)
        before = path.read_text("utf-8")
        module = mutation.file.removeprefix(CORE)
        tests = record.may_notice(module, before, mutation.line, self._importers.get(name, ()))
        trial = Trial(name, str(path), after, record.waves(tests))
        server.give(trial, mutation, before)
        return True

    @cached_property
    def _importers(self) -> dict[str, set[str]]:
        found = [*self._tree.glob(f"{CORE}**/*.py"), *self._tree.glob("tests/**/*.py")]
        return importers(self._tree, (file.relative_to(self._tree).as_posix() for file in found))


class _Server:
    """A process of `server.py`, and what it was given last."""

    def __init__(self, tree: Path, variables: dict[str, str], modules: list[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mutation.server"],
            cwd=tree,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._requests, self.answers = self._process.stdin, self._process.stdout
        self._given: tuple[Trial, Mutation, str] | None = None
        self._requests.write(f"{json.dumps(modules)}\n")

    def __enter__(self) -> _Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def give(self, trial: Trial, mutation: Mutation, before: str) -> None:
        self._given = trial, mutation, before
        self._requests.write(f"{json.dumps(asdict(trial))}\n")

    def mutant(self) -> Mutant:
        """What came of the last trial."""
        line = self.answers.readline()
        if not line or self._given is None:
            raise RuntimeError(f"a process that tries mutants ended: {self._process.wait()}")
        trial, mutation, before = self._given
        return mutant(mutation, before, trial.source, Result(**json.loads(line)))


def _digest(tree: Path) -> str:
    """Of all files that a record depends on."""
    own = {*(tree / "tests" / "mutation").glob("*"), tree / "tests" / "mutants.md"}
    own.discard(tree / "tests" / "mutation" / "recorder.py")
    digest = hashlib.sha256()
    for file in sorted(file for file in tree.rglob("*") if file.is_file() and file not in own):
        digest.update(f"{file.relative_to(tree)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def mutant(mutation: Mutation, before: str, after: str, result: Result) -> Mutant:
    """A mutation that was tried, with the lines that it changed."""
    changed = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0))[2:]
    return Mutant(
        mutation.file.removeprefix(CORE),
        mutation.line,
        mutation.operator.removeprefix("core/"),
        result.noticed_by,
        removed=_lines(changed, "-"),
        added=_lines(changed, "+"),
        tests=result.tests,
    )


def _lines(changed: list[str], sign: str) -> str:
    """The lines of a diff with this sign, as one; empty ones are left out."""
    lines = [text[1:].strip() for text in changed if text[0] == sign]
    return " ".join(filter(None, lines)) or NOTHING
