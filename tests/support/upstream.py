"""A user's own receiver, and a POST of a webhook."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import urlsplit

Arrived = tuple[str, list[tuple[str, str]], bytes]
"""A request's path, headers and body."""


def post(
    url: str, headers: Mapping[str, str], body: bytes, path: str = "/hook"
) -> tuple[int, bytes, dict[str, str]]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request("POST", path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.headers)
    finally:
        connection.close()


class Upstream(BaseHTTPRequestHandler):
    """The user's own receiver: keeps the requests, and answers with each status in turn, then with
    the last one."""

    requests: ClassVar[list[Arrived]] = []
    statuses: ClassVar[list[int]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.requests.append((self.path, self.headers.items(), body))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        text = b"" if status == 204 else b"thanks"
        self.send_response(status)
        self.send_header("Retry-After", "1")
        self.send_header("X-Own", "yes")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def upstream(*statuses: int) -> Iterator[tuple[str, type[Upstream]]]:
    """A receiver of one's own on a free port: its URL, and what it keeps; 201 by default."""
    own = type("Own", (Upstream,), {"requests": [], "statuses": list(statuses) or [201]})
    server = ThreadingHTTPServer(("127.0.0.1", 0), own)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/own/hook?a=1", own
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
