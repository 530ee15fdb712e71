"""A CloudFormation without stacks: the only AWS API that osls calls when it compiles, and that
`make deploy` calls before a deployment.

osls compares the layer's hash with that of the deployed stack, and would leave out a layer that is
uploaded already. A package must not depend on an account, so here no stack exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tools.http_server import serve

_ERROR = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
    "<Message>{message}</Message></Error></ErrorResponse>"
)
_NO_STACK = _ERROR.format(code="ValidationError", message="Stack with id {stack} does not exist")
_OTHER = _ERROR.format(
    code="InvalidAction", message="Only questions about a stack are answered here"
)


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        is_known = form.get("Action") in (["DescribeStacks"], ["GetTemplate"])
        body = (_NO_STACK.format(stack=form["StackName"][0]) if is_known else _OTHER).encode()
        self.send_response(400)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def without_stacks() -> Iterator[str]:
    """Serves on a free loopback port until the block ends; yields the endpoint."""
    with serve(ThreadingHTTPServer(("127.0.0.1", 0), _Handler)) as endpoint:
        yield endpoint
