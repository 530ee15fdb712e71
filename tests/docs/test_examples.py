"""The examples in the pages are right: JSON parses and fits, Python runs and verifies."""

from __future__ import annotations

import base64
import hashlib
import http.server
import json
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from liveproof.api.problems import problem_document
from liveproof.api.request_bodies import decode
from liveproof.api.schemas import Created, ReflectSequence
from liveproof.checks.video import Video
from liveproof.domain.ids import is_verification_id, webhook_id
from liveproof.domain.requests import CreateReflectSequence, CreateVerification
from liveproof.secret_documents import vendor_key
from liveproof.use_cases.errors import InvalidRequest
from liveproof.use_cases.validate_request import parse_challenge
from liveproof.vendors.tencent.api import TencentApi
from liveproof.webhooks.message import DecisionData, body_of_test
from tests.docs.pages import ROOT, Block, blocks
from tools.docs.webhook_vectors import NOW, SECRET, public_key, vectors


class NoSecrets:
    """A Secrets port that nothing may ask."""

    def get(self, name: str) -> bytes:
        raise AssertionError(name)

    def refresh(self, name: str) -> bool:
        raise AssertionError(name)


def names_of(page: str) -> dict[str, Any]:
    """What the page's Python blocks define, run one after the other."""
    names: dict[str, Any] = {}
    for block in blocks("python", page):
        exec(compile(block.text, page, "exec"), names)  # noqa: S102
    return names


@pytest.mark.parametrize("block", blocks("json"), ids=lambda block: block.page)
def test_json_blocks_parse(block: Block) -> None:
    assert json.loads(block.text)


PROGRAMS = "clients.md"
"""Its blocks are whole programs, which tests/clients/python/test_examples.py runs."""


@pytest.mark.parametrize("page", sorted({block.page for block in blocks("python")} - {PROGRAMS}))
def test_python_blocks_run(page: str) -> None:
    assert names_of(page)


def test_the_pages_with_python_are_the_ones_tested_below() -> None:
    assert {block.page for block in blocks("python")} - {PROGRAMS} == {
        "evidence.md",
        "receivers.md",
        "upload-snippets.md",
        "webhooks.md",
    }


RECEIVERS = [
    ("receive", SECRET),
    ("receive_by_hand", SECRET),
    ("receive_with_public_key", public_key()),
]
"""The receivers of the webhooks page, each with what it verifies by."""


@pytest.mark.parametrize(("function", "key"), RECEIVERS)
def test_a_receiver_of_the_page_judges_every_vector_rightly(function: str, key: str) -> None:
    receive = names_of("webhooks.md")[function]
    listed = vectors(int(time.time()))
    for vector in listed:
        message = receive(vector.headers, vector.body.encode(), key)
        assert (message is not None) == vector.accepted, vector.name
        assert message is None or message == json.loads(vector.body)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize(("function", "key"), RECEIVERS)
def test_a_receiver_of_the_page_refuses_a_webhook_without_a_header(
    function: str, key: str, missing: str
) -> None:
    good = vectors(int(time.time()))[0]
    headers = {name: value for name, value in good.headers.items() if name != missing}
    assert names_of("webhooks.md")[function](headers, good.body.encode(), key) is None


@pytest.mark.parametrize(
    ("function", "key"), [("receive_by_hand", "secret"), ("receive_with_public_key", "public_key")]
)
def test_the_pages_program_finds_no_wrong_verdict_of_the_pages_receivers(
    function: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = names_of("webhooks.md")[function]

    def verify(headers: dict[str, str], body: bytes, secret: str, now: int) -> bool:
        monkeypatch.setattr(time, "time", lambda: now)
        return receive(headers, body, secret) is not None

    wrong_verdicts = names_of("receivers.md")["wrong_verdicts"]
    path = ROOT / "docs" / "webhook-vectors.json"
    assert wrong_verdicts(verify, key, path) == []
    assert wrong_verdicts(lambda *_: True, key, path) == [
        vector.name for vector in vectors(NOW) if not vector.accepted
    ]


def test_the_webhook_example_is_the_first_published_vector() -> None:
    ordinary = vectors(NOW)[0]
    shown, _test = blocks("json", "webhooks.md")
    assert json.loads(shown.text) == json.loads(ordinary.body)
    (request,) = blocks("http", "webhooks.md")
    for name, value in ordinary.headers.items():
        assert f"{name}: {value}\n" in request.text


def test_the_webhook_example_has_the_fields_that_are_sent() -> None:
    message, test = [json.loads(block.text) for block in blocks("json", "webhooks.md")]
    assert test == {**json.loads(body_of_test(0)), "timestamp": test["timestamp"]}
    fields = [name for name in DecisionData.__struct_fields__ if name != "signals"]
    assert list(message["data"]) == fields  # `signals` are there only if there are any
    assert message["type"] == f"verification.{message['data']['decision']}"
    assert is_verification_id(message["data"]["id"])
    (http_block,) = blocks("http", "webhooks.md")
    assert f"webhook-id: {webhook_id(message['data']['id'], 1)}\n" in http_block.text


def test_the_problem_example_is_a_problem_document() -> None:
    (block,) = blocks("json", "api.md")
    error = InvalidRequest("must be at most 5242880 bytes", "inputs.image.size")
    assert json.loads(block.text) == problem_document(error)


def json_with(word: str, page: str) -> Block:
    """The one JSON block of a page that holds a word."""
    (block,) = (block for block in blocks("json", page) if word in block.text)
    return block


def test_the_challenge_in_captures_is_one_that_the_api_and_the_check_take() -> None:
    example = json.loads(json_with('"challenge"', "captures.md").text)
    declared = {"md5": "0" * 32, "size": 1, "content_type": "video/mp4"}
    inputs = {"video": declared, "image": declared | {"content_type": "image/jpeg"}}
    body = json.dumps({**example, "inputs": inputs}).encode()
    request = decode(body, CreateVerification)
    vendor = TencentApi(
        "https://vendor.example", "ap-singapore", vendor_key(NoSecrets(), "vendor-key")
    )
    check = Video(vendor, "VideoLivenessCompare", 1)
    check.validate({"video": 1, "image": 1}, parse_challenge(request))


def test_the_sequence_in_captures_has_the_fields_and_the_md5_of_an_answer() -> None:
    sequence = msgspec.json.decode(
        json_with('"content_base64"', "captures.md").text, type=ReflectSequence
    )
    content = base64.b64decode(sequence.content_base64, validate=True)
    assert hashlib.md5(content, usedforsecurity=False).hexdigest() == sequence.md5


def test_the_sequences_request_is_what_the_command_in_captures_writes(tmp_path: Path) -> None:
    (block,) = (block for block in blocks("sh", "captures.md") if "DEVICE_DATA=" in block.text)
    script = block.text.partition("\ncurl")[0]
    subprocess.run(["bash", "-euc", script], cwd=tmp_path, check=True, timeout=60)
    request = decode((tmp_path / "sequence-request.json").read_bytes(), CreateReflectSequence)
    assert json.loads(request.device_data) == {"platform": 2, "select_data": "{}"}
    assert request.security_level == 4


def test_the_answer_in_uploading_has_the_fields_of_an_answer() -> None:
    block = json_with('"uploads"', "uploading.md")
    created = msgspec.json.decode(block.text, type=Created)
    assert set(json.loads(block.text)) == set(Created.__struct_fields__)
    assert created.uploads["image"].headers["If-None-Match"] == "*"


def test_the_put_example_sends_exactly_the_headers_and_the_bytes(tmp_path: Path) -> None:
    got: list[tuple[str, dict[str, str], bytes]] = []

    class Bucket(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, dict(self.headers.items()), body))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Bucket)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    headers = {
        "Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg==",
        "Content-Length": "5",
        "Content-Type": "image/jpeg",
        "If-None-Match": "*",
    }
    url = f"http://127.0.0.1:{server.server_port}/uploads/a%20b?X-Amz-Signature=1"
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"photo")
    try:
        assert names_of("upload-snippets.md")["put"](url, headers, photo) == (200, "")
    finally:
        thread.join(10)
        server.server_close()
    ((path, sent, body),) = got
    assert path == "/uploads/a%20b?X-Amz-Signature=1"
    assert body == b"photo"
    assert {name: value for name, value in sent.items() if name in headers} == headers
    assert set(sent) - set(headers) <= {"Host", "Accept-Encoding"}
