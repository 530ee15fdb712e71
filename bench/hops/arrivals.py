"""The end of the bare hops: an HTTP server that notes when each message arrived."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.figure import BenchError
from tools.http_server import serve

_LIMIT_SECONDS = 30.0


class Arrivals(ThreadingHTTPServer):
    """Takes POSTs of `{"id": ...}` on a free loopback port."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._arrivals: dict[str, float] = {}
        self._arrived = threading.Condition()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def note(self, message_id: str) -> None:
        with self._arrived:
            self._arrivals[message_id] = time.monotonic()
            self._arrived.notify_all()

    def wait_for(self, message_id: str) -> float:
        """The time of its arrival (time.monotonic). Raises BenchError if it got lost."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: message_id in self._arrivals, _LIMIT_SECONDS):
                raise BenchError("a bare hop lost its message")
            return self._arrivals[message_id]


class _Handler(BaseHTTPRequestHandler):
    server: Arrivals

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.note(body["id"])
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def receiving() -> Iterator[Arrivals]:
    """A running server, until the block ends."""
    server = Arrivals()
    with serve(server):
        yield server
