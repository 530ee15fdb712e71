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


class CrashPoints:
    """The moments around port operations, at which a test can stop the function.

    Each operation has two moments: `before NAME`, and `after NAME`, when it took effect while its
    caller has not heard of it.

    Attributes:
        moments: the names of those that were reached since the last `arm` or `arm_moments`.
    """

    def __init__(self) -> None:
        self.moments: list[str] = []
        self._names: list[str] = []
        self._numbers: set[int] = set()
        self._by: type[BaseException] = Killed

    def arm(self, *names: str, by: type[BaseException] = Killed) -> None:
        """Stop at the next moment of each of these names, once."""
        self.moments.clear()
        self._names, self._numbers, self._by = list(names), set(), by

    def arm_moments(self, *numbers: int, by: type[BaseException] = Killed) -> None:
        """Stop at these moments, counted from 0: for tests that try every one. Each stops once."""
        self.moments.clear()
        self._names, self._numbers, self._by = [], set(numbers), by

    @contextmanager
    def around(self, operation: str) -> Iterator[None]:
        """An operation of a port."""
        self._moment(f"before {operation}")
        yield
        self._moment(f"after {operation}")

    def _moment(self, name: str) -> None:
        self.moments.append(name)
        if name in self._names:
            self._names.remove(name)
            raise self._by(name)
        if len(self.moments) - 1 in self._numbers:
            raise self._by(name)
