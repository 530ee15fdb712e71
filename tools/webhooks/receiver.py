"""A receiver of webhooks on this machine: verifies each, answers or hands it on, keeps the last."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from liveproof.clock import milliseconds_since
from liveproof.outbound.urls import Target
from tools.webhooks.bodies import json_object
from tools.webhooks.diagnosis import Diagnosis, diagnose
from tools.webhooks.forwarding import Answer, forward

# liveproof's webhooks have 4 kB; no peer may make us read without end.
_MAX_BODY_BYTES = 64 * 1024
_SECONDS_OF_SILENCE = 30.0
_KEPT = 1000

UNCHECKED = "not checked"


@dataclass(frozen=True)
class Received:
    """A webhook and what was answered. Header names are as they came."""

    headers: Mapping[str, str]
    body: bytes
    diagnosis: Diagnosis | None
    answer: Answer
    milliseconds: int
    failed_on_purpose: bool

    def header(self, name: str) -> str | None:
        """A header's value, whatever the case of its name; None without it."""
        lower = {key.lower(): value for key, value in self.headers.items()}
        return lower.get(name)

    @property
    def type(self) -> str | None:
        """The event's type, if the body has one."""
        kind = json_object(self.body).get("type")
        return kind if isinstance(kind, str) else None

    @property
    def verdict(self) -> str:
        """Of the signature, in a few words."""
        if self.diagnosis is None:
            return UNCHECKED
        if self.diagnosis.valid:
            return f"valid {'+'.join(self.diagnosis.versions)}"
        return f"NOT VALID: {', '.join(finding.code for finding in self.diagnosis.findings)}"

    def document(self, *, with_body: bool) -> dict[str, Any]:
        """As JSON."""
        diagnosis = self.diagnosis
        document: dict[str, Any] = {
            "id": self.header("webhook-id"),
            "type": self.type,
            "attempt": self.header("webhook-attempt"),
            "verified": None if diagnosis is None else diagnosis.valid,
            "versions": list(diagnosis.versions) if diagnosis else [],
            "causes": [finding.document() for finding in (diagnosis.findings if diagnosis else ())],
            "status": self.answer.status,
            "error": self.answer.error,
            "failed_on_purpose": self.failed_on_purpose,
            "milliseconds": self.milliseconds,
        }
        if with_body:
            document["headers"] = dict(self.headers)
            document["body"] = self.body.decode("utf-8", "replace")
        return document


class Receiver:
    """Takes webhooks; safe to use from many threads."""

    def __init__(
        self,
        secrets: Sequence[str],
        *,
        target: Target | None = None,
        failures: int = 0,
        failure_status: int = 503,
        show: Callable[[Received], None] = lambda received: None,
    ) -> None:
        """A receiver.

        Args:
            secrets: of the endpoint; without any, nothing is verified.
            target: where webhooks are handed on to, whatever their signature; None: nowhere.
            failures: how many webhooks are answered with `failure_status` before the others.
            show: called for each webhook, one at a time, when it is answered.
        """
        self._secrets = tuple(secrets)
        self._target = target
        self._failures_left = failures
        self._failure_status = failure_status
        self._show = show
        self._kept: deque[Received] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()

    def receive(self, headers: Mapping[str, str], body: bytes) -> Received:
        """Judge a webhook and find its answer.

        A webhook that is to fail on purpose is not handed on.
        """
        started = time.monotonic()
        with self._lock:
            fails = self._failures_left > 0
            self._failures_left -= fails
        diagnosis = diagnose(headers, body, self._secrets, time.time()) if self._secrets else None
        if fails:
            answer = Answer(self._failure_status, b"a failure on purpose\n")
        elif self._target is not None:
            answer = forward(self._target, headers, body)
        else:
            answer = _own_answer(diagnosis)
        received = Received(
            dict(headers), body, diagnosis, answer, milliseconds_since(started), fails
        )
        with self._lock:
            self._kept.append(received)
            self._show(received)
        return received

    def received(self) -> list[Received]:
        """The last webhooks, oldest first."""
        with self._lock:
            return list(self._kept)


def _own_answer(diagnosis: Diagnosis | None) -> Answer:
    if diagnosis is None or diagnosis.valid:
        return Answer(204, b"")
    text = "; ".join(finding.meaning for finding in diagnosis.findings)
    return Answer(401, f"{text}\n".encode(), {"Content-Type": "text/plain"})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Nobody waits for requests in flight at the end.
    block_on_close = False

    def __init__(self, port: int, receiver: Receiver) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.receiver = receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS_OF_SILENCE
    server: _Server

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > _MAX_BODY_BYTES:
            self.close_connection = True  # the body is not read
            self._send(413 if length.isdigit() else 411, b"")
            return
        body = self.rfile.read(int(length))
        answer = self.server.receiver.receive(dict(self.headers.items()), body).answer
        self._send(answer.status, answer.body, answer.headers)

    def do_GET(self) -> None:
        """The last webhooks with headers and body; one id's alone at `/ID`."""
        webhook_id = self.path.strip("/")
        documents = [
            received.document(with_body=True)
            for received in self.server.receiver.received()
            if webhook_id in ("", received.header("webhook-id"))
        ]
        self._send(
            200 if documents or not webhook_id else 404,
            json.dumps(documents).encode(),
            {"Content-Type": "application/json"},
        )

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        has_body = status >= 200 and status not in (204, 304)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if has_body:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if has_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the receiver shows what arrives."""


@contextmanager
def serving(receiver: Receiver, port: int = 0) -> Iterator[str]:
    """Serves on loopback until the block ends; yields the URL without a slash at the end.

    Args:
        port: 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """
    server = _Server(port, receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
