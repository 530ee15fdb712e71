"""CloudFormation's DescribeStacks, for stacks with the outputs that a test names.

moto's needs a dozen packages that nothing else here does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from tools.http_server import serve

_NAMESPACE = 'xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"'


class _Server(HTTPServer):
    def __init__(self, stacks: Mapping[str, Mapping[str, str]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.stacks = stacks


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        params = {name: values[0] for name, values in parse_qs(body).items()}
        outputs = self.server.stacks.get(params["StackName"])
        if params["Action"] != "DescribeStacks" or outputs is None:
            self._answer(400, _refusal("ValidationError", "Stack does not exist"))
        else:
            self._answer(200, _stack(params["StackName"], outputs))

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@contextmanager
def cloudformation(stacks: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Serves stacks, by name with their outputs, until the block ends; yields the URL."""
    with serve(_Server(stacks)) as url:
        yield url


def _stack(name: str, outputs: Mapping[str, str]) -> str:
    members = "".join(
        f"<member><OutputKey>{escape(key)}</OutputKey>"
        f"<OutputValue>{escape(value)}</OutputValue></member>"
        for key, value in outputs.items()
    )
    return (
        f"<DescribeStacksResponse {_NAMESPACE}><DescribeStacksResult><Stacks><member>"
        f"<StackName>{escape(name)}</StackName><StackStatus>UPDATE_COMPLETE</StackStatus>"
        "<CreationTime>2026-11-26T00:00:00Z</CreationTime>"
        f"<Outputs>{members}</Outputs></member></Stacks></DescribeStacksResult>"
        "</DescribeStacksResponse>"
    )


def _refusal(code: str, message: str) -> str:
    return (
        f"<ErrorResponse {_NAMESPACE}><Error><Type>Sender</Type><Code>{code}</Code>"
        f"<Message>{message}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
    )
