"""Cases of the matrix, run in several processes."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from tests.crash_matrix.cases import Case, run_id, stops
from tests.crash_matrix.matrix import Matrix
from tests.support.emulator import start_without_limits


@dataclass(frozen=True)
class Done:
    """A run and what is wrong with its end."""

    run: str
    moment: str
    violations: tuple[str, ...]
    seconds: float


class Task(NamedTuple):
    """A case with how many of its stops are run; None: all."""

    case: Case
    most: int | None
    seed: int


class Finished(NamedTuple):
    """A case whose runs are over, and how many moments it has."""

    case: Case
    moments: int
    runs: list[Done]


def in_processes(tasks: list[Task], jobs: int) -> Iterator[Finished]:
    """Every task's end. Whatever still runs is killed when the caller leaves."""
    if min(jobs, len(tasks)) == 1:
        yield from map(_execute, tasks)
        return
    with multiprocessing.get_context("spawn").Pool(jobs, _ignore_interrupts) as pool:
        yield from pool.imap_unordered(_execute, tasks)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent ends this one


@cache
def matrix_of(seed: int) -> Matrix:
    """This process's own, over its own emulator."""
    return Matrix(start_without_limits(), seed)


def _execute(task: Task) -> Finished:
    matrix = matrix_of(task.seed)
    moments = matrix.moments(task.case)
    done = []
    for stop in stops(task.case, moments, task.most):
        began = time.monotonic()
        result = matrix.run(task.case, stop)
        done.append(
            Done(
                run_id(task.case, stop, task.seed),
                result.moment,
                result.violations,
                round(time.monotonic() - began, 3),
            )
        )
    return Finished(task.case, len(moments), done)
