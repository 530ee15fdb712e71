"""HTTP as an attacker writes it: every header where and as often as the row says."""

from __future__ import annotations

import http.client
import json
import re
import socket
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Request:
    """A request before it is sent. Changes of a row are made on it.

    Attributes:
        target: path and query, as they go out.
        headers: in order; doubled ones stay doubled. `Host` and lengths are not added.
        body: what is sent after the head.
        promised: the request ends within its body: the connection is closed for writing.
    """

    method: str
    host: str
    port: int
    target: str
    headers: list[tuple[str, str | bytes]] = field(default_factory=list)
    body: bytes = b""
    cut: bool = False

    @classmethod
    def of(cls, method: str, url: str) -> Request:
        """For an http URL, with its `Host`."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        made = cls(method, parts.hostname or "", parts.port or 80, target or "/")
        made.headers.append(("Host", parts.netloc))
        return made

    def value(self, name: str) -> str:
        """The first header of this name. KeyError if there is none."""
        for header, value in self.headers:
            if header.lower() == name.lower():
                return value if isinstance(value, str) else value.decode("latin-1")
        raise KeyError(name)

    def put(self, name: str, value: str | bytes) -> None:
        """Changes a header, or adds it."""
        for index, (header, _) in enumerate(self.headers):
            if header.lower() == name.lower():
                self.headers[index] = (header, value)
                return
        self.headers.append((name, value))

    def drop(self, name: str) -> None:
        """Leaves every header of this name out."""
        self.headers = [header for header in self.headers if header[0].lower() != name.lower()]

    def sent(self) -> bytes:
        """All bytes."""
        lines = [f"{self.method} {self.target} HTTP/1.1".encode("utf-8", "surrogateescape")]
        for name, value in self.headers:
            text = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
            lines.append(name.encode() + b": " + text)
        return b"\r\n".join([*lines, b"", b""]) + self.body


@dataclass(frozen=True)
class Answer:
    """The answer. Without one, `status` is None and `error` says why."""

    status: int | None
    body: bytes = b""
    error: str = ""

    @property
    def code(self) -> str:
        """The error's code: of a problem document, or of a bucket's XML; empty without one."""
        match = re.search(rb"<Code>([^<]*)</Code>", self.body)
        if match:
            return match[1].decode("utf-8", "replace")
        return str(self.document().get("code", ""))

    def document(self) -> dict[str, Any]:
        """The body's JSON object; empty if it is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def summary(self) -> str:
        """For a table."""
        return self.error if self.status is None else f"{self.status} {self.code}".strip()


def exchange(request: Request, timeout: float = 20) -> Answer:
    """Sends a request as it is and reads the answer."""
    try:
        with closing(socket.create_connection((request.host, request.port), timeout)) as connection:
            try:
                connection.sendall(request.sent())
                if request.cut:
                    connection.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass  # answered before everything was sent
            answer = http.client.HTTPResponse(connection, method=request.method)
            answer.begin()
            return Answer(answer.status, answer.read())
    except (OSError, http.client.HTTPException) as error:
        return Answer(None, b"", type(error).__name__)
