"""Waiting for several things at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")


def side_by_side(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """The tasks' results, in their order. Each task runs in a thread of its own, the first in ours.

    Every task has ended when this returns or raises, so bound them in time.

    Raises:
        BaseException: that of the first task in their order that raised any.
    """
    results: dict[int, T] = {}
    errors: dict[int, BaseException] = {}

    def run(number: int) -> None:
        try:
            results[number] = tasks[number]()
        except BaseException as error:  # noqa: BLE001 - raised below, in the caller's thread
            errors[number] = error

    others = [
        threading.Thread(target=run, args=(number,), daemon=True) for number in range(1, len(tasks))
    ]
    for thread in others:
        thread.start()
    if tasks:
        run(0)
    for thread in others:
        thread.join()
    if errors:
        raise errors[min(errors)]
    return [results[number] for number in range(len(tasks))]


def both(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """The results of two tasks, as `side_by_side` has them."""
    tasks: tuple[Callable[[], Any], ...] = (first, second)
    one, other = side_by_side(tasks)
    return one, other
