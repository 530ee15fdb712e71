"""The deadline of an exchange, which also ends waits that a socket's timeout does not end."""

from __future__ import annotations

import math
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
        self.ends = time.monotonic() + seconds
        _watch.add(self)

    def cut(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """The socket is not shut down any more when this returns."""
        _watch.remove(self)


class _Watch:
    """The thread that waits for all cutters. Starting one for each exchange took 0.1 to 0.5 ms."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._cutters: set[Cutter] = set()
        self._wakes_at = math.inf
        self._thread: threading.Thread | None = None

    def add(self, cutter: Cutter) -> None:
        with self._changed:
            self._cutters.add(cutter)
            if self._thread is None or not self._thread.is_alive():  # a fork has no threads
                self._wakes_at = math.inf
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            # The thread is not woken for a later one: exchanges mostly end before it has to be.
            elif cutter.ends < self._wakes_at:
                self._changed.notify()

    def remove(self, cutter: Cutter) -> None:
        with self._changed:
            self._cutters.discard(cutter)

    def _run(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for cutter in [cutter for cutter in self._cutters if cutter.ends <= now]:
                    self._cutters.discard(cutter)
                    cutter.cut()
                self._wakes_at = min((cutter.ends for cutter in self._cutters), default=math.inf)
                self._changed.wait(None if self._wakes_at == math.inf else self._wakes_at - now)


_watch = _Watch()
