"""Waiting for Ctrl-C or SIGTERM in a command that serves from other threads."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_NUMBERS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_signals() -> Iterator[Callable[[], None]]:
    """Within the block, SIGINT and SIGTERM interrupt nothing. For the main thread.

    Yields:
        a function that returns once a signal has arrived, also if it arrived before the call.
    """
    # Not threading.Event: if a signal arrives while the main thread waits for the interpreter's
    # lock, CPython may begin to wait for the event without having called the handler.
    arrived, wakeup = socket.socketpair()
    with arrived, wakeup:
        wakeup.setblocking(False)
        fd_before = signal.set_wakeup_fd(wakeup.fileno(), warn_on_full_buffer=False)
        handlers_before = {number: signal.signal(number, lambda *_: None) for number in _NUMBERS}
        try:
            yield lambda: _wait(arrived)
        finally:
            for number, handler in handlers_before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(fd_before)


def _wait(arrived: socket.socket) -> None:
    # Python writes the number of every signal that has a handler, and there may be others.
    while arrived.recv(1)[0] not in _NUMBERS:
        pass
