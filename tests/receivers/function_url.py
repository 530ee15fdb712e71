"""Stands in for Lambda's function URL: HTTP to the event that a handler gets, on a made-up table.

`python -m tests.receivers.function_url` serves examples/receivers/aws_lambda on PORT.
"""

from __future__ import annotations

import base64
import importlib.util
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
from moto import mock_aws

from tests.receivers.verifiers import EXAMPLES

TABLE = "webhooks"


def event_of(headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """The payload format 2.0. A body of text stays text; another one is in base64."""
    is_text = headers.get("content-type", "").startswith(("application/json", "text/"))
    return {
        "version": "2.0",
        "rawPath": "/hook",
        "headers": headers,
        "body": body.decode(errors="replace") if is_text else base64.b64encode(body).decode(),
        "isBase64Encoded": not is_text,
    }


def load() -> Any:
    """The example's module, as Lambda imports it."""
    path = EXAMPLES / "aws_lambda" / "receiver.py"
    spec = importlib.util.spec_from_file_location("receiver", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class FunctionUrl(BaseHTTPRequestHandler):
    """Hands each POST to the handler."""

    handler: Any = None

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = FunctionUrl.handler(event_of(headers, body), None)
        self.send_response(answer["statusCode"])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Quiet: what the example prints is what is looked at."""


def main() -> None:
    os.environ["TABLE"] = TABLE
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        FunctionUrl.handler = load().handler
        HTTPServer(("127.0.0.1", int(os.environ["PORT"])), FunctionUrl).serve_forever()


if __name__ == "__main__":
    main()
