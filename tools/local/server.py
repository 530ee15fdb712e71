"""The HTTP server of the local receiver: takes webhooks, and lists them.

`POST /webhooks` is the endpoint of the client `demo`, `POST /webhooks/NAME` that of another client.
`GET /webhooks` lists what all of them got.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tools.http_server import serve
from tools.local.receiver import Receiver

# The sender promises 4 kB; no peer may make us read without end.
_MAX_BODY = 64 * 1024
_SECONDS_OF_SILENCE = 30.0
_WITHOUT_BODY = (204, 304)
# What liveproof looks at in an answer, beside its status.
_PASSED_BACK = ("retry-after", "location")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, receiver: Receiver) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.receiver = receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A browser that leaves in mid-answer is not worth a traceback.
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS_OF_SILENCE
    server: _Server

    def do_GET(self) -> None:
        if self.path == "/webhooks":
            self._json([webhook.document() for webhook in self.server.receiver.received()])
        else:
            self._send(404, "text/plain", b"not found\n")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        unknown = self.path not in self.server.receiver.endpoints
        if unknown or not length.isdigit() or int(length) > _MAX_BODY:
            self.close_connection = True  # the body is not read
            self._send(404 if unknown else 413, "text/plain", b"")
            return
        body = self.rfile.read(int(length))
        if self.server.receiver.is_away(self.headers.get("webhook-id", "")):
            self._send(503, "text/plain", b"")
            return
        answer = self.server.receiver.receive(self.path, dict(self.headers.items()), body)
        headers = {name.lower(): text for name, text in answer.headers.items()}
        more = {name: headers[name] for name in _PASSED_BACK if name in headers}
        self._send(answer.status, headers.get("content-type", "text/plain"), answer.body, more)

    def _json(self, value: Any) -> None:
        self._send(200, "application/json", json.dumps(value).encode())

    def _send(
        self, status: int, content_type: str, body: bytes, more: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, text in (more or {}).items():
            self.send_header(name, text)
        if status not in _WITHOUT_BODY:
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if status not in _WITHOUT_BODY:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what arrives is in /webhooks."""


@contextmanager
def serving(receiver: Receiver) -> Iterator[str]:
    """Serves on a free loopback port until the block ends; yields the address without a slash."""
    with serve(_Server(receiver)) as url:
        yield url
