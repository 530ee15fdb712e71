"""One request to SenseID: what is recorded of it, and what never is."""

from __future__ import annotations

import gzip
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from liveproof.vendors.answer import Answer
from liveproof.vendors.errors import NotSent, OutcomeUnknown
from liveproof.vendors.senseid import api
from liveproof.vendors.senseid.api import SenseId
from tests.support.memory import MemorySecrets
from tests.support.servers import (
    RawServer,
    Serve,
    answering,
    certificate,
    closed_port,
    http,
    read_request,
    serving,
)

FORM = bytearray(b"encrypted_video=canaryFormBytes&return_status=true")
PATH = "/identity/silent_image_verification/stateless"


def client(url: str) -> SenseId:
    return SenseId(url, MemorySecrets({}), "senseid-key")


def call(server: RawServer, timeout: float = 2.0, form: bytearray = FORM) -> Answer:
    return client(f"http://127.0.0.1:{server.port}").call(PATH, form, timeout)


def answered(status: int = 200, **fields: Any) -> Serve:
    return answering(http(status, json.dumps(fields).encode(), Content_Type="application/json"))


def texts(error: BaseException | None) -> str:
    error_texts = []
    while error is not None:
        error_texts += [str(error), repr(error)]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(error_texts)


def test_a_call_leaves_over_the_connection_that_was_opened_for_it() -> None:
    with serving(answered(code=1000)) as server:
        senseid = client(f"http://127.0.0.1:{server.port}")
        with senseid.connect(5) as connection:
            assert connection is not None
            senseid.call(PATH, FORM, 5, connection)
        assert server.connections == 1


def test_a_request_is_one_form_with_its_length() -> None:
    received = []

    def serve(connection: socket.socket) -> None:
        received.append(read_request(connection))
        connection.sendall(http(200, b'{"code": 1000}'))

    with serving(serve) as server:
        call(server)
    head, _, body = received[0].partition(b"\r\n\r\n")
    lines = head.decode("ascii").lower().split("\r\n")
    assert lines[0] == f"post {PATH} http/1.1"
    assert "content-type: application/x-www-form-urlencoded" in lines
    assert f"content-length: {len(FORM)}" in lines
    assert not [line for line in lines if line.startswith(("transfer-encoding", "authorization"))]
    assert body == FORM


def test_code_1000_is_an_answer_and_any_other_an_error() -> None:
    with serving(answered(code=1000, passed=True, request_id="r1")) as server:
        answer = call(server)
    assert (answer.error, answer.request_id) == (None, "r1")
    assert answer.response["passed"] is True

    with serving(answered(400, code=4007, message="m", request_id="r2")) as server:
        answer = call(server)
    assert (answer.error, answer.request_id) == ("4007", "r2")


def test_an_answer_that_a_proxy_compressed_is_read() -> None:
    body = gzip.compress(b'{"code": 1000, "request_id": "r1"}')
    with serving(answering(http(200, body, Content_Encoding="gzip"))) as server:
        assert call(server).request_id == "r1"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("r\n1", "r?1"), ("x" * 200, "x" * 100), (17, "17"), (None, None), ("", None)],
)
def test_a_request_id_is_made_fit_to_be_stored(sent: object, kept: str | None) -> None:
    with serving(answered(code=1000, request_id=sent)) as server:
        assert call(server).request_id == kept


def test_the_services_url_may_end_with_a_slash() -> None:
    with serving(answered(code=1000)) as server:
        senseid = client(f"http://127.0.0.1:{server.port}/")

        assert senseid.call(PATH, FORM, 2).error is None


@pytest.mark.parametrize("status", [400, 404, 411, 413, 500, 502, 503, 504, 401])
@pytest.mark.parametrize(
    "body", [b"", b"<html></html>", b'{"message": "m"}', b"[]", b'{"code": "1"}']
)
def test_a_status_without_a_code_is_the_error(status: int, body: bytes) -> None:
    with serving(answering(http(status, body))) as server:
        answer = call(server)

    assert (answer.error, answer.response) == (f"http{status}", {})


@pytest.mark.parametrize("status", [201, 299, 400, 500])
def test_a_code_1000_under_another_status_is_no_success(status: int) -> None:
    with serving(answered(status, code=1000, passed=True, verification_score=0.99)) as server:
        answer = call(server)

    assert (answer.error, answer.response) == (f"http{status}", {})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[1000]",
        b'{"code": "1000"}',
        b'{"code": true}',
        b'{"code": null}',
        b'{"code": 1000.0}',
        b"[" * 200_000,
        b'{"code": ' + b"1" * 10_000 + b"}",
        b"\xff\xfe\x00",
    ],
    ids=range(10),
)
def test_a_200_that_is_no_answer_leaves_the_outcome_unknown(body: bytes) -> None:
    with serving(answering(http(200, body))) as server, pytest.raises(OutcomeUnknown):
        call(server)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 399])
def test_a_redirect_is_not_followed_and_an_unknown_outcome(status: int) -> None:
    with serving(answered(code=1000, passed=True)) as other:
        location = f"http://127.0.0.1:{other.port}{PATH}"
        body = b'{"code": 1000, "passed": true}'
        with (
            serving(answering(http(status, body, Location=location))) as server,
            pytest.raises(OutcomeUnknown),
        ):
            call(server)

    assert (server.connections, other.connections) == (1, 0)


def test_a_refused_connection_means_not_sent() -> None:
    with pytest.raises(NotSent) as error:
        client(f"http://127.0.0.1:{closed_port()}").call(PATH, FORM, 2)

    assert "canary" not in texts(error.value)


def test_a_name_without_address_means_not_sent() -> None:
    with pytest.raises(NotSent):
        client("http://senseid.invalid").call(PATH, FORM, 2)


def test_a_certificate_that_nobody_vouches_for_means_not_sent(tmp_path: Path) -> None:
    with (
        serving(answered(code=1000), certificate(tmp_path)[1]) as server,
        pytest.raises(NotSent),
    ):
        client(f"https://127.0.0.1:{server.port}").call(PATH, FORM, 2)


def silence(connection: socket.socket) -> None:
    read_request(connection)
    connection.recv(1)


def half_an_answer(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"code": 1000, ')


def hang_up(connection: socket.socket) -> None:
    read_request(connection)


@pytest.mark.parametrize("serve", [silence, half_an_answer, hang_up, answering(b"SSH-2.0-x\r\n")])
def test_any_other_failure_after_sending_is_an_unknown_outcome(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with serving(serve) as server, pytest.raises(OutcomeUnknown) as unknown:
        call(server, timeout=0.5)

    assert server.connections == 1
    assert "canary" not in texts(unknown.value) + caplog.text


def test_a_slow_upload_may_take_longer_than_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system gives a whole `sendall` the socket's timeout, which was the connection's."""
    monkeypatch.setattr(api, "_CONNECT_SECONDS", 0.4)
    form = bytearray(b"x" * 20_000_000)

    def slowly(connection: socket.socket) -> None:
        left = len(form)
        started = time.monotonic()
        while left > 0 and (part := connection.recv(200_000)):
            left -= len(part)
            time.sleep(max(0.0, (1 - left / len(form)) * 1.2 - (time.monotonic() - started)))
        connection.sendall(http(200, b'{"code": 1000}'))

    with serving(slowly) as server:
        assert call(server, form=form).error is None


def test_a_form_that_is_not_through_in_time_was_not_sent() -> None:
    form = bytearray(b"x" * 20_000_000)
    seconds = [0.05] * 40  # after that the rest is taken at once, for the server to end

    def crawl(connection: socket.socket) -> None:
        while connection.recv(50_000):
            time.sleep(seconds.pop() if seconds else 0)

    with serving(crawl) as server:
        started = time.monotonic()
        with pytest.raises(NotSent, match="in time"):
            call(server, timeout=0.6, form=form)
        assert time.monotonic() - started < 1.8


def test_a_slow_upload_leaves_the_answer_the_rest_of_the_time() -> None:
    form = bytearray(b"x" * 20_000_000)

    def late(connection: socket.socket) -> None:
        time.sleep(0.7)
        read_request(connection)
        connection.recv(1)

    started = time.monotonic()
    with serving(late) as server, pytest.raises(OutcomeUnknown):
        call(server, timeout=1.5, form=form)
    assert time.monotonic() - started < 2.1


def test_an_answer_shows_no_field() -> None:
    with serving(answered(code=1000, base64_image="canaryFace")) as server:
        assert "canary" not in repr(call(server))
