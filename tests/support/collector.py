"""A collector of traces: OTLP over HTTP in JSON, as strict as the protocol."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tools.http_server import serve

Attributes = dict[str, str | int | float]
_KINDS = {"stringValue": str, "intValue": int, "doubleValue": float}


class Collector:
    """The received spans.

    Attributes:
        spans: as they were sent, with `attributes` as plain values.
        resources: the attributes of each request's resource.
        status: what requests are answered with.
    """

    def __init__(self) -> None:
        self.spans: list[dict[str, Any]] = []
        self.resources: list[Attributes] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200
        self.url = ""

    def take(self, document: dict[str, Any]) -> None:
        for of_resource in document["resourceSpans"]:
            self.resources.append(_attributes(of_resource["resource"]["attributes"]))
            for of_scope in of_resource["scopeSpans"]:
                self.spans += [_span(span) for span in of_scope["spans"]]


def _span(span: dict[str, Any]) -> dict[str, Any]:
    assert re.fullmatch("[0-9a-f]{32}", span["traceId"])
    ids = [span["spanId"], *(link["spanId"] for link in span.get("links", ()))]
    ids += [span["parentSpanId"]] if "parentSpanId" in span else []
    assert all(re.fullmatch("[0-9a-f]{16}", one) for one in ids)
    # 64-bit integers are strings in the JSON of Protocol Buffers.
    begin, end = span["startTimeUnixNano"], span["endTimeUnixNano"]
    assert isinstance(begin, str)
    assert int(begin) < int(end)
    return {**span, "attributes": _attributes(span["attributes"])}


def _attributes(entries: list[dict[str, Any]]) -> Attributes:
    attributes: Attributes = {}
    for entry in entries:
        ((kind, value),) = entry["value"].items()
        assert isinstance(value, float if kind == "doubleValue" else str)
        attributes[entry["key"]] = _KINDS[kind](value)
    return attributes


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector until the block ends."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert (self.path, self.headers["Content-Type"]) == ("/v1/traces", "application/json")
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.headers.append(dict(self.headers))
            if collector.status == 200:
                collector.take(json.loads(body))
            self.send_response(collector.status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: Any) -> None:
            return

    with serve(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as url:
        collector.url = f"{url}/v1/traces"
        yield collector
