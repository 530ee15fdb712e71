"""The Bucket port when COS, or what stands in its place, misbehaves."""

from __future__ import annotations

import logging
import socket
import time
import tracemalloc
from collections.abc import Callable

import pytest

from liveproof.clouds.tencent.bucket import CosBucket, CosRefused, CosTimeouts, CosUnusable
from liveproof.domain.verification import Proof
from liveproof.ports import ObjectMissing, ObjectReplaced, ObjectStream, ObjectUnreadable
from liveproof.secret_documents import VendorKey
from tests.support.servers import Serve, answering, closed_port, http, read_request, serving

KEY = "uploads/canary"
SECRET = VendorKey("id-canary", "key-canary", "token-canary")


QUICK = CosTimeouts(idle=0.3, pauses=(0.01, 0.01))


def bucket_at(port: int, timeouts: CosTimeouts = QUICK) -> CosBucket:
    url = f"http://127.0.0.1:{port}"
    return CosBucket("team-1", "ap-singapore", url, lambda: SECRET, timeouts)


class Scripted:
    """Answers each connection with the next answer; the last one stays."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[bytes] = []

    def __call__(self, connection: socket.socket) -> None:
        self.requests.append(read_request(connection))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        connection.sendall(answer)


REFUSED = b"<Error><Code>AccessDenied</Code><Message>canary</Message></Error>"

Ask = Callable[[CosBucket], object]
ASKS: dict[str, Ask] = {
    "HEAD": lambda bucket: bucket.require(KEY, None),
    "GET": lambda bucket: bucket.open(KEY).read(),
    "PUT": lambda bucket: bucket.put(KEY, b"0123456789" * 10_000, "image/jpeg"),
}
each_request = pytest.mark.parametrize("method", list(ASKS))


@each_request
@pytest.mark.parametrize("trouble", [b"", http(500), http(503, b"<html>canary</html>"), b"canary"])
def test_a_request_is_repeated_whole_after_a_broken_connection_or_a_servers_error(
    method: str, trouble: bytes
) -> None:
    script = Scripted(trouble, trouble, http(200, b"" if method == "PUT" else b"x"))
    with serving(script) as server:
        ASKS[method](bucket_at(server.port))

    assert len(script.requests) == 3
    for request in script.requests:
        head, _, body = request.partition(b"\r\n\r\n")
        assert head.startswith(f"{method} /uploads/canary HTTP".encode())
        assert b"Transfer-Encoding" not in head
        assert body == (b"0123456789" * 10_000 if method == "PUT" else b"")


@each_request
def test_three_tries_are_all(method: str) -> None:
    script = Scripted(http(500, REFUSED))
    with serving(script) as server, pytest.raises(CosRefused, match=f"500 .* to {method}"):
        ASKS[method](bucket_at(server.port))

    assert len(script.requests) == 3


@each_request
@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 416, 429])
def test_a_decision_of_cos_is_not_retried(method: str, status: int) -> None:
    script = Scripted(http(status, REFUSED))
    decided = (CosRefused, ObjectMissing, ObjectReplaced, ObjectUnreadable)
    with serving(script) as server, pytest.raises(decided):
        ASKS[method](bucket_at(server.port))

    assert len(script.requests) == 1


@each_request
def test_a_redirect_is_not_followed(method: str) -> None:
    elsewhere = Scripted(http(200, b"x"))
    with serving(elsewhere) as other:
        moved = http(307, b"", Location=f"http://127.0.0.1:{other.port}/canary")
        with serving(answering(moved)) as server, pytest.raises(CosRefused, match="307"):
            ASKS[method](bucket_at(server.port))

    assert elsewhere.requests == []


def silent(connection: socket.socket) -> None:
    read_request(connection)
    connection.recv(1)


@each_request
@pytest.mark.parametrize("trouble", [silent, answering(b""), answering(b"canary")])
def test_an_unusable_answer_is_reported_without_the_request(
    method: str, trouble: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(trouble) as server, pytest.raises(CosUnusable, match=method) as caught:
        ASKS[method](bucket_at(server.port))

    assert server.connections == 3
    assert "canary" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert "canary" not in caplog.text


@each_request
def test_a_refused_connection_is_reported_as_one(
    method: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(CosUnusable, match=f"COS did not answer to {method}") as caught:
        ASKS[method](bucket_at(closed_port()))

    assert "canary" not in str(caught.value) + caplog.text


def test_a_large_object_may_take_longer_to_send_than_to_connect() -> None:
    body = bytes(16 * 1024 * 1024)
    left = []

    def slow(connection: socket.socket) -> None:
        remaining = len(body)
        while remaining > 0:
            time.sleep(0.1)
            part = connection.recv(1024 * 1024)
            if not part:
                return
            remaining -= len(part)
        left.append(remaining)
        connection.sendall(http(200))

    with serving(slow) as server:
        bucket_at(server.port, CosTimeouts(connect=0.5)).put(KEY, body, "video/mp4")

    assert server.connections == len(left) == 1


@pytest.mark.parametrize(
    "body",
    [
        REFUSED,
        REFUSED.replace(b"AccessDenied", b"can/ary"),
        b"<Code>" + b"canary" * 20,
        b"\xff\x00",
    ],
)
def test_a_refusals_text_holds_nothing_but_a_well_formed_code(body: bytes) -> None:
    with serving(answering(http(403, body))) as server, pytest.raises(CosRefused) as caught:
        bucket_at(server.port).open(KEY)

    assert "canary" not in str(caught.value)
    assert caught.value.code == ("AccessDenied" if body is REFUSED else None)


def read_all(stream: ObjectStream, amount: int) -> None:
    while stream.read(amount):
        pass


@pytest.mark.parametrize("length", [1, 5, 300_000])
@pytest.mark.parametrize("amount", [-1, 1, 4, 65_536])
def test_an_object_that_ends_early_is_never_taken_for_a_whole_one(length: int, amount: int) -> None:
    cut = http(200, b"x" * length).replace(
        f"Content-Length: {length}".encode(), f"Content-Length: {length + 1}".encode()
    )
    with serving(answering(cut)) as server:
        stream = bucket_at(server.port).open(KEY)
        assert stream.size == length + 1
        with stream, pytest.raises(CosUnusable, match="an object"):
            read_all(stream, amount)


def test_an_object_that_stalls_is_given_up() -> None:
    def stall(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(http(200, b"x" * 10)[:-5])
        connection.recv(1)

    with serving(stall) as server:
        stream = bucket_at(server.port).open(KEY)
        with stream, pytest.raises(CosUnusable, match="timed_out"):
            stream.read()


def test_an_answer_without_a_length_is_unusable() -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\ncanary"
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
    for answer in (endless, chunked):
        with (
            serving(answering(answer)) as server,
            pytest.raises(CosUnusable, match="no Content-Length"),
        ):
            bucket_at(server.port).open(KEY)


ARCHIVED = b"<Error><Code>InvalidObjectState</Code></Error>"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (http(403, ARCHIVED), ObjectUnreadable),
        (http(400, b"<Error><Code>InvalidArgument</Code></Error>"), ObjectUnreadable),
        (http(400), ObjectUnreadable),
        (http(412, b"<Error><Code>PreconditionFailed</Code></Error>"), ObjectReplaced),
        (http(404, b"<Error><Code>NoSuchVersion</Code></Error>"), ObjectMissing),
        (http(403, REFUSED), CosRefused),
        (http(403), CosRefused),
        (http(405), CosRefused),
        (http(503, ARCHIVED.replace(b"InvalidObjectState", b"SlowDown")), CosRefused),
    ],
)
def test_an_object_that_can_never_be_read_is_distinguished_from_a_temporary_failure(
    answer: bytes, expected: type[Exception]
) -> None:
    with serving(answering(answer)) as server, pytest.raises(expected):
        bucket_at(server.port).open(KEY)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_proven_etag_and_version_are_asked_for_and_signed(method: str) -> None:
    proof = Proof(sha256="0" * 64, etag="abc-2", version="MTg0/+NDUx")
    script = Scripted(http(200, b"x" if method == "GET" else b"", x_cos_version_id="MTg0/+NDUx"))
    with serving(script) as server:
        bucket = bucket_at(server.port)
        if method == "GET":
            assert bucket.open(KEY, proof).version == "MTg0/+NDUx"
        else:
            bucket.require(KEY, proof)

    request = script.requests[0].decode()
    assert request.startswith(f"{method} /uploads/canary?versionId=MTg0%2F%2BNDUx HTTP")
    assert '\r\nIf-Match: "abc-2"\r\n' in request
    assert "q-header-list=host;if-match;x-cos-security-token&q-url-param-list=versionid" in request


def test_a_url_for_the_vendor_names_the_proven_version() -> None:
    bucket = bucket_at(1)
    proof = Proof(sha256="0" * 64, etag="abc", version="MTg0")

    with_version = bucket.presign_get(KEY, proof, 0, 60_000)
    assert "&q-url-param-list=versionid%3Bx-cos-security-token&" in with_version
    assert with_version.endswith("&versionId=MTg0&x-cos-security-token=token-canary")
    assert "versionId" not in bucket.presign_get(KEY, None, 0, 60_000)


def test_a_large_object_is_read_in_constant_memory() -> None:
    part, parts = bytes(1024 * 1024), 64

    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(
            f"HTTP/1.1 200 OK\r\nContent-Length: {len(part) * parts}\r\n\r\n".encode()
        )
        for _ in range(parts):
            connection.sendall(part)

    with serving(serve) as server, bucket_at(server.port).open(KEY) as stream:
        tracemalloc.start()
        read = 0
        while chunk := stream.read(256 * 1024):
            read += len(chunk)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert read == len(part) * parts
    assert peak < 4 * 1024 * 1024


def test_a_stream_that_is_left_early_gives_its_connection_up() -> None:
    with serving(answering(http(200, b"x" * 100_000))) as server:
        bucket = bucket_at(server.port)
        with bucket.open(KEY) as stream:
            stream.read(10)
        with bucket.open(KEY) as stream:
            assert len(stream.read()) == 100_000
    assert server.connections == 2


def test_an_etag_loses_its_quotes_and_may_be_missing() -> None:
    with serving(answering(http(200, b"x", ETag='"abc-2"'))) as server:
        assert bucket_at(server.port).open(KEY).etag == "abc-2"
    with serving(answering(http(200, b"x"))) as server:
        assert bucket_at(server.port).open(KEY).etag == ""
