"""Requests with exactly their headers, and the tests' own client of the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.support.api import Api, ApiError
from tests.support.servers import answering, serving
from tools import http_client
from tools.http_server import serve


class Server(HTTPServer):
    """Notes each request; answers with `status` and `body`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.body = 200, b"{}"
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.command, self.path, headers, body))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.body)

    do_GET = do_PUT = do_POST  # noqa: N815 - names of the base class

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    with serve(server):
        yield server


def test_an_upload_has_the_headers_of_its_entry_and_no_others(server: Server) -> None:
    upload = {
        "method": "PUT",
        "url": f"{server.url}/key?signature=a%2Bb",
        "headers": {"Content-MD5": "m", "Content-Length": "5"},
    }
    assert http_client.put(upload, b"bytes").status == 200
    host = server.url.removeprefix("http://")
    headers = {"host": host, "content-md5": "m", "content-length": "5"}
    assert server.requests == [("PUT", "/key?signature=a%2Bb", headers, b"bytes")]


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", b"no HTTP\r\n\r\n"],
    ids=["ends early", "no HTTP"],
)
def test_a_server_that_dies_while_it_answers_is_an_os_error_like_one_that_is_not_there(
    answer: bytes,
) -> None:
    """http.client has exceptions of its own, which no caller expected: the console's server
    stopped looking when the emulator was stopped at such a moment."""
    with serving(answering(answer)) as dying, pytest.raises(OSError, match="no whole answer"):
        http_client.request("GET", f"http://127.0.0.1:{dying.port}/")


def test_a_verification_is_created_with_the_key_and_the_idempotency_key(server: Server) -> None:
    server.body = b'{"id": "ver_1"}'
    created = Api(server.url, "lp_key").create({"check": "photo"}, idempotency_key="once")
    ((method, path, headers, body),) = server.requests
    assert created == {"id": "ver_1"}
    assert (method, path, json.loads(body)) == ("POST", "/v1/verifications", {"check": "photo"})
    assert headers["authorization"] == "Bearer lp_key"
    assert headers["idempotency-key"] == "once"


def test_a_problem_document_is_an_error_with_its_status_and_code(server: Server) -> None:
    server.status, server.body = 404, b'{"code": "not_found", "detail": "no such verification"}'
    with pytest.raises(ApiError, match="HTTP 404 not_found: no such verification") as caught:
        Api(server.url, "lp_key").read("ver_1")
    assert (caught.value.status, caught.value.code) == (404, "not_found")


def test_an_answer_that_is_no_json_is_an_error_with_its_beginning(server: Server) -> None:
    server.status, server.body = 502, b"<html>bad gateway"
    with pytest.raises(ApiError, match="HTTP 502 no code: not JSON: b'<html>bad gateway'"):
        Api(server.url, "lp_key").newest()
