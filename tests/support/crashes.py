"""Stopping a function at a chosen port operation: killed, as a cloud may do at any line, or by an
operation that fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Killed(BaseException):
    """The function's process ended here. Not an Exception: no code may catch it and go on."""


class Failed(Exception):
    """The operation raised something that nobody foresaw. The code may catch it and go on."""


class Fuse:
    """Counts the moments around port operations, and stops the function at one of them.

    Each operation has two moments: before it took effect, and after it did while its caller has not
    heard of it.
    """

    def __init__(self) -> None:
        self.moments: list[str] = []
        self._stop_at: set[int] = set()
        self._by: type[BaseException] = Killed

    def arm(self, *moments: int, by: type[BaseException] = Killed) -> None:
        """Stop at these moments from now on, counted from 0; each stops once."""
        self.moments.clear()
        self._stop_at = set(moments)
        self._by = by

    @contextmanager
    def around(self, operation: str) -> Iterator[None]:
        """An operation of a port."""
        self._moment(f"before {operation}")
        yield
        self._moment(f"after {operation}")

    def _moment(self, name: str) -> None:
        self.moments.append(name)
        if len(self.moments) - 1 in self._stop_at:
            raise self._by(name)
