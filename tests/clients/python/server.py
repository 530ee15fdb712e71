"""A server that answers what a test has queued, and notes every request."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tools.http_server import serve


@dataclass
class Received:
    """A request; names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """An answer. `breaks`: the connection is closed instead."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks: bool = False


def problem(status: int, code: str, **headers: str) -> Reply:
    document = {"type": "about:blank", "title": "T", "status": status, "detail": "D", "code": code}
    return Reply(status, json.dumps(document).encode(), headers)


def answered(document: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(document).encode())


def refused(status: int, code: str, text: str = "") -> Reply:
    """As a bucket refuses."""
    return Reply(status, f"<Error><Code>{code}</Code><Message>{text}</Message></Error>".encode())


class Server(ThreadingHTTPServer):
    """Answers 200 with `{}` when nothing is queued."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: deque[Reply] = deque()
        self.received: list[Received] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves in the middle is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        if len(body) == length:
            self.server.received.append(Received(self.command, self.path, headers, body))
        reply = self.server.replies.popleft() if self.server.replies else Reply()
        if reply.breaks or len(body) < length:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - names of the base class

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    with serve(server):
        yield server
