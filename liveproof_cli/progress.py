"""How far a long command is, on a terminal's standard error and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from liveproof.clock import iso


class CountedProgress:
    """Counts things of which nobody knows how many there are, with the time of the last one."""

    def __init__(self, progress: Progress, what: str) -> None:
        self._progress = progress
        self._what = what
        self._task = progress.add_task(what, total=None)

    def advance(self, at: int | None = None) -> None:
        """One more, which is of this time (ms since 1970)."""
        description = self._what if at is None else f"{self._what}, now at {iso(at)}"
        self._progress.update(self._task, advance=1, description=description)


@contextmanager
def counted(what: str) -> Iterator[CountedProgress]:
    """A count of `what`, such as "verifications read", until the block ends."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        yield CountedProgress(progress, what)
