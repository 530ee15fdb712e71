"""The strict signature of a bucket is switched on, and read back."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.etree import ElementTree

import pytest

from liveproof.clouds.tencent.bucket import CosBucket
from liveproof.secret_documents import VendorKey
from liveproof_emulator.cos.v5_signature import matches, read_fields
from liveproof_emulator.keys import Key
from tools.deployment.strict_signature import RULE, NotSwitchedOn, switch_on

KEY = Key("AKIDsample", "sample-secret-key")


class Cos(ThreadingHTTPServer):
    """A bucket that keeps a rule, if the request is signed."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kept = b""
        self.keeps = True

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Cos

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._signed("PUT") and self.server.keeps:
            self.server.kept = body
        self._answer(200 if self._signed("PUT") else 403, b"")

    def do_GET(self) -> None:
        self._answer(200 if self._signed("GET") else 403, self.server.kept)

    def _signed(self, method: str) -> bool:
        headers = {name.lower(): value for name, value in self.headers.items()}
        path, _, query = self.path.partition("?")
        fields = read_fields(headers["authorization"], query)
        assert query == "strict-signature="
        assert fields["q-url-param-list"] == "strict-signature"
        params = {"strict-signature": ""}
        return matches(fields, KEY, method, [path], headers, [headers["host"]], params)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def cos() -> Iterator[Cos]:
    with Cos() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_the_rule_is_put_signed_and_read_back(cos: Cos) -> None:
    assert switch_on(cos.origin, KEY.secret_id, KEY.secret_key).encode() == cos.kept == RULE


def test_with_another_key_the_rule_is_not_switched_on(cos: Cos) -> None:
    with pytest.raises(NotSwitchedOn, match="403"):
        switch_on(cos.origin, KEY.secret_id, "another")


def test_a_bucket_that_does_not_keep_the_rule_is_an_error(cos: Cos) -> None:
    cos.keeps = False
    with pytest.raises(NotSwitchedOn, match="keeps no such rule"):
        switch_on(cos.origin, KEY.secret_id, KEY.secret_key)


def test_the_projects_own_uploads_sign_all_that_the_rule_names() -> None:
    rule = ElementTree.fromstring(RULE)  # noqa: S314 - our own text
    named = {header.text.lower() for header in rule.iter("header") if header.text}
    assert [action.text for action in rule.iter("action")] == ["PutObject"]
    bucket = CosBucket("b-1250000000", "ap-singapore", "", lambda: VendorKey("id", "key", "token"))
    upload = bucket.presign_put("uploads/x", "0" * 32, 1, "image/png", 0, 60_000)
    (signed,) = re.findall(r"q-header-list=([^&]+)", upload.url)
    sent = {name.lower() for name in upload.headers} | {"host"}
    assert sent == set(signed.replace("%3B", ";").split(";"))
    assert all(name in named or name.startswith("x-cos-") for name in sent)
    (params,) = re.findall(r"q-url-param-list=([^&]*)", upload.url)
    added = {part.partition("=")[0] for part in upload.url.partition("?")[2].split("&")}
    assert {name for name in added if not name.startswith("q-")} == set(params.split(";"))
