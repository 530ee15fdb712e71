"""A process that tries mutants, each in a fork that has imported nothing of the repository yet.

It runs in the copy of the repository. What the suites import from elsewhere is imported once, by
the process itself: that is most of what a run of pytest takes. A fork imports the mutant in its
module's place, and then the files of the chosen tests, so it sees every change alike, also of what
runs at import. The copy's files stay as they are.

Standard input has the names of the modules to import, as JSON, and then one trial a line; standard
output has one result a line. The process ends with its input, also in the midst of a trial.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from types import ModuleType
from typing import NoReturn

import pytest

from tests.mutation.chosen import Chosen

_PYTEST = ("-q", "-x", "-n", "0", "--tb=no", "-p", "no:cacheprovider")
# What the fork had imported before cannot be rewritten, and has no assertions of tests.
_NO_REWRITE = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
_CPU_SECONDS = 60
_IDLE_SECONDS = 60
_MOST_MEMORY = 4_000_000_000
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Trial:
    """A mutant and its tests.

    Attributes:
        module: the name by which it is imported.
        file: its absolute path.
        source: the mutant's text.
        waves: the tests with their seconds, the nearest first; the tests of a wave share a fork,
            and the next one runs if they pass.
    """

    module: str
    file: str
    source: str
    waves: Sequence[dict[str, float]]


@dataclass(frozen=True)
class Result:
    """What noticed the mutant, if anything did, and how many tests ran."""

    noticed_by: str | None
    tests: int


class _Loader(SourceFileLoader):
    """Loads the mutant, and no bytecode of its original."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial.module, trial.file)
        self._source = trial.source.encode()

    def get_data(self, path: str) -> bytes:
        return self._source if path == self.path else super().get_data(path)

    def get_code(self, fullname: str) -> object:  # type: ignore[override]
        return self.source_to_code(self._source, self.path)


class _Finder(MetaPathFinder):
    """Finds the mutant in its module's place."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if name != self._trial.module:
            return None
        return spec_from_file_location(name, self._trial.file, loader=_Loader(self._trial))


def _run(trial: Trial, wave: dict[str, float], pipe: int) -> NoReturn:
    """Run a wave of tests in this process, a fork, and end it."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    most = _CPU_SECONDS + 10 * round(sum(wave.values()))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, most))
    sys.dont_write_bytecode = True  # or a mutant's could be mistaken for its original's
    sys.meta_path.insert(0, _Finder(trial))

    def tell(what: str, test: str) -> None:
        os.write(pipe, f"{json.dumps([what, test])}\n".encode())

    # As in a whole run: in another order, pytest does not find the fixtures of some modules.
    files = sorted({test.partition("::")[0] for test in wave})
    scratch = f"--basetemp={tempfile.gettempdir()}/pytest"
    os._exit(pytest.main([*_PYTEST, *_NO_REWRITE, scratch, *files], [Chosen(wave, tell)]))


def _attempt(trial: Trial, wave: dict[str, float]) -> Result:
    """Try one wave in a fork; nothing of the fork is left."""
    reader, writer = os.pipe()
    fork = os.fork()
    if fork == 0:
        with suppress(BaseException):
            os.setpgid(0, 0)
            os.close(reader)
            _run(trial, wave, writer)
        os._exit(70)
    with suppress(OSError):
        os.setpgid(fork, fork)
    os.close(writer)
    try:
        told = _listen(reader, wave)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(fork, signal.SIGKILL)
        _, status = os.waitpid(fork, 0)
        os.close(reader)
    failed = next((test for what, test in told if what == "failed"), None)
    running = [test for what, test in told if what == "runs"]
    if failed is None and status:
        end = os.waitstatus_to_exitcode(status)
        way = f"exit status {end}" if end > 0 else "no end"
        failed = f"{running[-1]}: {way}" if running else way
    return Result(failed, len(running))


def _listen(reader: int, wave: dict[str, float]) -> list[tuple[str, str]]:
    """What the fork tells until it ends, or tells nothing for longer than any of its tests takes.

    Seconds are counted one by one, so that those in which this process is stopped do not count.
    """
    told, idle = b"", 0
    most = _IDLE_SECONDS + 10 * round(max(wave.values()))
    while idle < most:
        ready, _, _ = select.select([reader, sys.stdin], [], [], 1)
        if sys.stdin in ready:
            raise EOFError  # nothing is asked before the answer
        if reader in ready:
            part, idle = os.read(reader, 65536), 0
            if not part:
                break
            told += part
        else:
            idle += 1
    return [tuple(json.loads(line)) for line in told.splitlines()]


def attempt(trial: Trial) -> Result:
    """Try one mutant. EOFError: the standard input has ended."""
    tests = 0
    for wave in trial.waves:
        result = _attempt(trial, wave)
        tests += result.tests
        if result.noticed_by is not None:
            return Result(result.noticed_by, tests)
    return Result(None, tests)


def main() -> None:
    """Answer until the standard input ends; whoever writes to it decides when."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for name in json.loads(sys.stdin.readline()):
        with suppress(ImportError):
            import_module(name)
    if any(name.partition(".")[0] == "liveproof" for name in sys.modules):
        raise RuntimeError("a module of liveproof has been imported before its mutants")
    if threading.active_count() > 1:
        raise RuntimeError("a fork would lose a thread")
    gc.collect()
    gc.freeze()
    with suppress(EOFError), tempfile.TemporaryDirectory() as tempfile.tempdir:
        while line := sys.stdin.readline():
            print(json.dumps(asdict(attempt(Trial(**json.loads(line))))), flush=True)


if __name__ == "__main__":
    main()
