"""A server in the place of Tencent Cloud's API 3.0, which proves each request's signature."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from liveproof_emulator.api import tc3
from liveproof_emulator.api.request import RawRequest
from liveproof_emulator.errors import ApiError
from liveproof_emulator.keys import Key

Answer = dict[str, Any] | str | None


@dataclass(frozen=True)
class ApiRequest:
    """One request whose signature was right."""

    service: str
    version: str
    action: str
    region: str
    parameters: dict[str, Any]


class ApiStandIn(ThreadingHTTPServer):
    """Answers with `answers` in turn, the last one again and again.

    An answer is the Response's fields, or an error code, or None to close the connection; or a
    function that makes one of what was asked.

    Attributes:
        key: the only one that may ask.
        requests: those that were answered.
        connections: how many were opened. Each is kept for more requests.
    """

    daemon_threads = True

    def __init__(self, key: Key) -> None:
        self.key = key
        self.requests: list[ApiRequest] = []
        self.connections = 0
        self.answers: list[Answer | Callable[[ApiRequest], Answer]] = [{}]
        super().__init__(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=[0.01], daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> ApiStandIn:
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5
    server: ApiStandIn
    services: ClassVar[set[str]] = {"ssm", "scf"}

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers["content-length"]))
        arrived = RawRequest("POST", "", headers, body)
        key = self.server.key
        try:
            tc3.verify(
                arrived,
                lambda secret_id: key if secret_id == key.secret_id else None,
                self.services,
                time.time(),
            )
        except ApiError as error:
            self._say(error.code)
            return
        self.server.requests.append(
            ApiRequest(
                tc3.parse(headers["authorization"]).service,
                headers["x-tc-version"],
                headers["x-tc-action"],
                headers["x-tc-region"],
                json.loads(body),
            )
        )
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        self._say(answer(self.server.requests[-1]) if callable(answer) else answer)

    def _say(self, answer: Answer) -> None:
        if answer is None:
            self.close_connection = True
            return
        fields = {"Error": {"Code": answer, "Message": ""}} if isinstance(answer, str) else answer
        body = json.dumps({"Response": {**fields, "RequestId": "request"}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""
