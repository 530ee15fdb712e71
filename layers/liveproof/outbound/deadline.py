"""The end of an exchange's time, which holds whatever the exchange waits for."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

_SHORTEST_WAIT = 0.01


class Deadline:
    """A moment, and the means to end a socket's waiting when it comes.

    A socket's own timeout is for one wait: a server that sends a byte now and then never meets it.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds until then, never less than the shortest wait that a socket can be given."""
        return max(_SHORTEST_WAIT, self._ends - time.monotonic())

    @property
    def has_passed(self) -> bool:
        return time.monotonic() >= self._ends

    def cutting(self, connected: socket.socket) -> Cutter:
        """What shuts the socket down then. The socket stays its owner's to close."""
        return Cutter(connected, self.left)


class Cutter:
    """Shuts a socket down after some seconds, unless it is stopped before."""

    def __init__(self, connected: socket.socket, seconds: float) -> None:
        self._socket = connected
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _cut(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        self._timer.cancel()
        self._timer.join()
