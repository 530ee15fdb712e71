"""The example that receives webhooks."""

from __future__ import annotations

import base64
import os
import socket
import sys
import time
from pathlib import Path

from tests.clients.python.test_package import signed
from tests.support.servers import listens
from tools import ROOT, http_client
from tools.processes import Child, free_port, wait_until

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
BODY = b'{"type":"verification.passed","timestamp":"T","data":{"id":"ver_1"}}'


def wait_until_listening(port: int) -> bool:
    deadline = time.monotonic() + 60
    while not listens(port):
        if not wait_until(deadline):
            return False
    return True


def answer_without_a_body(port: int, length: str | None) -> bytes:
    """The status line for a request that ends after its headers, on a connection that stays."""
    header = f"Content-Length: {length}\r\n" if length else ""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: a\r\n{header}\r\n".encode())
        return connection.recv(100)


def test_the_receiver_takes_what_is_signed_and_nothing_else(tmp_path: Path) -> None:
    port = free_port()
    variables = {"WEBHOOK_SECRET": SECRET, "PORT": str(port), "PYTHONPATH": ":".join(sys.path)}
    command: list[str | Path] = [
        sys.executable,
        ROOT / "clients" / "python" / "examples" / "receive.py",
    ]
    log = tmp_path / "log"
    with Child("receiver", command, log, {**os.environ, **variables}):
        assert wait_until_listening(port)
        url = f"http://127.0.0.1:{port}/webhooks"
        length = {"Content-Length": str(len(BODY))}
        headers = length | signed(SECRET, BODY)
        assert http_client.request("POST", url, headers, BODY).status == 204
        forged = headers | {"Webhook-Id": "msg_2"}
        assert http_client.request("POST", url, forged, BODY).status == 401
        for declared in ("-1", "many", "9" * 5000, None):
            assert answer_without_a_body(port, declared).startswith(b"HTTP/1.0 401 ")
    assert "verification.passed ver_1" in log.read_text(encoding="utf-8")
