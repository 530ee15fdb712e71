"""The deadline of an exchange, which also ends waits that a socket's timeout does not end."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

_SHORTEST_WAIT_SECONDS = 0.01


class Deadline:
    """A moment of the monotonic clock, at which a socket can be shut down.

    A socket's own timeout limits one wait. A server that sends a byte now and then never reaches
    it.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds until the deadline, at least the shortest timeout that a socket takes."""
        return max(_SHORTEST_WAIT_SECONDS, self._ends - time.monotonic())

    @property
    def has_passed(self) -> bool:
        return time.monotonic() >= self._ends

    def start_cutter(self, connected: socket.socket) -> Cutter:
        """Shut the socket down at the deadline. Its owner closes it."""
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
