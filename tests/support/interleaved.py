"""Functions that run at once, one statement of SQL after the other, in an order that a test picks.

Each function is a thread that stops before every statement until it is told to go on. So a seed of
the random order gives the same interleaving again, and a function can be killed at any statement.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from liveproof.clouds.tencent.sql.session import Session
from tests.support.crash_points import Killed

_SECONDS = 60


class Function:
    """A run of a function, stopped before its next statement or at its end.

    Attributes:
        error: what it raised, if it was not killed.
    """

    def __init__(self, run: Callable[[], object]) -> None:
        self._run = run
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._is_killed = False
        self.has_ended = False
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._main, daemon=True)
        self._thread.start()
        self._wait()

    def step(self) -> None:
        """Let it execute one statement."""
        self._go.release()
        self._wait()

    def kill(self) -> None:
        """End it before its next statement."""
        self._is_killed = True
        if not self.has_ended:
            self.step()

    def pause(self) -> None:
        """Called by the function itself: wait to be told to go on."""
        self._stopped.release()
        assert self._go.acquire(timeout=_SECONDS)
        if self._is_killed:
            raise Killed

    def _main(self) -> None:
        _CURRENT.function = self
        try:
            self.pause()
            self._run()
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            self.error = error
        finally:
            self.has_ended = True
            self._stopped.release()

    def _wait(self) -> None:
        assert self._stopped.acquire(timeout=_SECONDS), "a statement waits for another function"
        if self.error is not None:
            raise self.error


_CURRENT = threading.local()


def pause() -> None:
    """A moment at which the current function may be stopped or killed."""
    function: Function | None = getattr(_CURRENT, "function", None)
    if function is not None:
        function.pause()


@contextmanager
def statement_by_statement(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Within the block functions stop before every statement."""
    run = Session._run

    def stopping(session: Session, statement: str, values: tuple[Any, ...]) -> Any:
        pause()
        return run(session, statement, values)

    with monkeypatch.context() as patched:
        patched.setattr(Session, "_run", stopping)
        yield
