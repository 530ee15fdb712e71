"""What an attack is: rows of data, each with what must come of it, and the runner of one row.

A side is who attacks (the app with an upload URL, a client with an API key, the vendor, ...). Its
module in this folder has its rows as tables. `test_rows.py` runs them under pytest, `__main__.py`
as `make attack`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from tools.local.cloud import CLOUDS, LocalCloud


@dataclass(frozen=True)
class Outcome:
    """The outcome of a row: in words, and whether the row expects it."""

    got: str
    as_expected: bool


@dataclass(frozen=True)
class Row:
    """One attack.

    Attributes:
        name: what is tried; the same row has one name on both clouds.
        expected: what must come of it, in words.
        run: does it; the argument is what the side stands on.
        slow: left out of the gate, since it takes seconds and its faster neighbours say much of
            the same.
    """

    name: str
    expected: str
    run: Callable[[Any], Outcome]
    slow: bool = False


@dataclass(frozen=True)
class Side:
    """Who attacks.

    Attributes:
        name: in row ids, `make attack ARGS=` and docs/security.md.
        title: the table's heading.
        on_clouds: whether the rows are run on each local cloud.
        rows: the rows; of one cloud if `on_clouds`.
        ground: starts what the rows need and ends it; it is given the local cloud, or None.
    """

    name: str
    title: str
    rows: Callable[[str | None], Sequence[Row]]
    ground: Callable[[LocalCloud | None], AbstractContextManager[Any]]
    on_clouds: bool = False

    def clouds(self) -> tuple[str | None, ...]:
        """What `rows` is asked for."""
        return CLOUDS if self.on_clouds else (None,)


def require_distinct(side: Side) -> None:
    """Raises ValueError if two rows of a side have one name."""
    for cloud in side.clouds():
        names = [row.name for row in side.rows(cloud)]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"{side.name} has rows of one name: {', '.join(doubled)}")


def run(row: Row, ground: Any) -> Outcome:
    """One row; an exception is an outcome as well, never an expected one."""
    try:
        return row.run(ground)
    except Exception as error:  # noqa: BLE001
        return Outcome(f"{type(error).__name__}: {error}"[:300], False)


def bounded(
    name: str,
    expected: str,
    work: Callable[..., Outcome],
    *values: Any,
    seconds: float = 60,
    slow: bool = False,
) -> Row:
    """A row that needs no ground: `work(*values)`.

    Args:
        seconds: what still runs after them is taken for endless. No row is meant to come near.
    """
    return Row(name, expected, lambda _: within(seconds, lambda: work(*values)), slow)


def within(seconds: float, work: Callable[[], Outcome]) -> Outcome:
    """The outcome of `work`, or that it was still running. Its thread then stays."""
    outcomes: list[Outcome] = []
    failed: list[BaseException] = []

    def attempt() -> None:
        try:
            outcomes.append(work())
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        return Outcome(f"still running after {seconds:g} s", False)
    if failed:
        return Outcome(f"{type(failed[0]).__name__}: {failed[0]}"[:300], False)
    return outcomes[0]
