"""Stopping a function at a chosen port operation: killed, as a cloud may do at any line, or by an
operation that fails.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
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
        self._by: Callable[[str], BaseException] = Killed
        self._at_stop: Callable[[], None] = _nothing
        self._raised: list[BaseException] = []
        self._lock = threading.Lock()

    def caused(self, error: BaseException | None) -> bool:
        """Whether a stop raised this error, or one that it was made from."""
        while error is not None:
            if any(error is raised for raised in self._raised):
                return True
            error = error.__cause__ or error.__context__
        return False

    def arm(self, *names: str, by: type[BaseException] = Killed) -> None:
        """Stop at the next moment of each of these names, once."""
        self.moments.clear()
        self._names, self._numbers, self._by = list(names), set(), by
        self._at_stop = _nothing

    def arm_moments(
        self,
        *numbers: int,
        by: Callable[[str], BaseException] = Killed,
        at_stop: Callable[[], None] | None = None,
    ) -> None:
        """Stop at these moments, counted from 0: for tests that try every one. Each stops once.

        Args:
            by: makes what is raised out of the moment's name.
            at_stop: looks at what there is, right before the function is stopped.
        """
        self.moments.clear()
        self._names, self._numbers, self._by = [], set(numbers), by
        self._at_stop = at_stop or _nothing

    @contextmanager
    def around(self, operation: str) -> Iterator[None]:
        """An operation of a port."""
        self._moment(f"before {operation}")
        yield
        self._moment(f"after {operation}")

    def _moment(self, name: str) -> None:
        with self._lock:
            self.moments.append(name)
            if name in self._names:
                self._names.remove(name)
            elif len(self.moments) - 1 not in self._numbers:
                return
        self._at_stop()
        error = self._by(name)
        self._raised.append(error)
        raise error


def _nothing() -> None:
    """Nobody looks."""
