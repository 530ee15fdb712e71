"""What tests ask the console's server, as its page does."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tools.console.guard import TOKEN_HEADER
from tools.console.server import Address
from tools.http_client import Response

_SECONDS = 60.0


def ask(
    console: Address,
    method: str,
    path: str,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A request with the page's token; `headers` may replace it, and Host."""
    data = None if body is None else json.dumps(body).encode()
    sent = {TOKEN_HEADER: console.token, "Content-Type": "application/json", **(headers or {})}
    connection = http.client.HTTPConnection(urlsplit(console.url).netloc, timeout=_SECONDS)
    try:
        connection.request(method, path, data, sent)
        answer = connection.getresponse()
        return Response(answer.status, answer.read())
    finally:
        connection.close()


@contextmanager
def events(console: Address, query: str = "") -> Iterator[Iterator[tuple[str, Any]]]:
    """The stream of server-sent events: names with their data."""
    connection = http.client.HTTPConnection(urlsplit(console.url).netloc, timeout=_SECONDS)
    try:
        connection.request("GET", f"/api/events{query}", headers={TOKEN_HEADER: console.token})
        answer = connection.getresponse()
        assert answer.status == 200
        yield _events(answer)
    finally:
        connection.close()


def _events(answer: http.client.HTTPResponse) -> Iterator[tuple[str, Any]]:
    name = ""
    for raw in answer:
        line = raw.decode().rstrip("\n")
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def first_look(console: Address) -> bytes:
    """All that a page gets when it opens: verifications, calls, webhooks."""
    views: dict[str, Any] = {}
    with events(console) as stream:
        for name, data in stream:
            views[name] = data
            if {"verifications", "calls", "webhooks"} <= set(views):
                break
    return json.dumps(views, ensure_ascii=False).encode()
