"""The Python client's uploads: what is sent to a bucket, and what its answers lead to."""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import random
from pathlib import Path
from typing import Any

import pytest

from liveproof_client import UploadError, describe_file
from tests.clients.python.conftest import Ask, FastClock
from tests.clients.python.server import Reply, Server, answered, refused

DATA = bytes(range(256)) * 1024  # two pieces and more


def upload(server: Server, key: str = "key", data: bytes = DATA) -> dict[str, Any]:
    digest = hashlib.md5(data, usedforsecurity=False).digest()
    return {
        "method": "PUT",
        "url": f"{server.url}/{key}?X-Signature=a%2Fb%3D&x=%20y",
        "headers": {
            "Content-MD5": base64.b64encode(digest).decode(),
            "Content-Length": str(len(data)),
            "Content-Type": "image/jpeg",
            "If-None-Match": "*",
        },
        "expires_at": "2026-01-01T00:00:00.000Z",
    }


def created(server: Server, key: str = "key") -> dict[str, Any]:
    return {"id": "ver_1", "uploads": {"image": upload(server, key)}}


def state(name: str) -> Reply:
    return answered({"inputs": {"image": {"state": name}}})


def failing(ask: Ask, server: Server, source: Any = DATA) -> UploadError:
    with pytest.raises(UploadError) as raised:
        ask("upload", created(server), {"image": source})
    assert "X-Signature" not in str(raised.value)  # no text holds the URL
    return raised.value


def test_a_file_is_sent_with_exactly_the_headers_and_with_progress(
    ask: Ask, server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "my photo's.jpg"
    file.write_bytes(DATA)
    seen: list[tuple[str, int, int]] = []
    result = ask(
        "upload", created(server), {"image": file}, on_progress=lambda *step: seen.append(step)
    )
    assert result == {"image": (1, False)}
    (request,) = server.received
    assert (request.method, request.path) == ("PUT", "/key?X-Signature=a%2Fb%3D&x=%20y")
    assert request.body == DATA
    signed = {name.lower(): value for name, value in upload(server)["headers"].items()}
    assert request.headers == signed | {"host": server.url.removeprefix("http://")}
    assert seen[-1] == ("image", len(DATA), len(DATA))
    assert [sent for _, sent, _ in seen] == sorted({sent for _, sent, _ in seen})
    assert len(seen) > 1


@pytest.mark.parametrize(
    ("status", "code"), [(412, "PreconditionFailed"), (409, "FileAlreadyExists")]
)
def test_a_file_that_is_there_after_a_lost_answer_is_success_once_the_api_knows_it(
    status: int, code: str, ask: Ask, server: Server
) -> None:
    server.replies += [Reply(breaks=True), refused(status, code), state("missing"), state("proven")]
    assert ask("upload", created(server), {"image": DATA}) == {"image": (2, True)}
    methods = [request.method for request in server.received]
    assert methods == ["PUT", "PUT", "GET", "GET"]


@pytest.mark.parametrize(
    ("said", "code"), [("refused", "input_refused"), ("missing", "not_confirmed")]
)
def test_a_file_that_is_there_and_does_not_count_is_a_failure(
    said: str, code: str, ask: Ask, server: Server
) -> None:
    server.replies += [refused(412, "PreconditionFailed"), *[state(said)] * 5]
    assert failing(ask, server).code == code


@pytest.mark.parametrize(
    ("reply", "code"), [(state("missing"), "not_confirmed"), (Reply(breaks=True), "confirm_failed")]
)
def test_the_total_time_of_a_file_holds_for_what_the_api_is_asked_about_it(
    reply: Reply,
    code: str,
    ask: Ask,
    server: Server,
    clock: FastClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An upload of ten seconds took more than a minute while the API was away."""
    # Pauses of 1, 2, and 4 seconds: each request has three seconds left, in which it is answered.
    monkeypatch.setattr(random, "uniform", lambda least, most: most)
    server.replies += [refused(412, "PreconditionFailed"), *[reply] * 40]
    with pytest.raises(UploadError) as raised:
        ask("upload", created(server), {"image": DATA}, total_seconds=10)
    assert raised.value.code == code
    assert clock.now() <= 10


def test_the_total_time_of_a_file_holds_for_a_renewal(
    ask: Ask, server: Server, clock: FastClock
) -> None:
    server.replies += [refused(403, "ExpiredToken"), *[Reply(breaks=True)] * 40]
    with pytest.raises(UploadError) as raised:
        ask("upload", created(server), {"image": DATA}, total_seconds=2)
    assert raised.value.code == "renew_failed"
    assert clock.now() <= 2


def test_an_expired_url_is_replaced(ask: Ask, server: Server) -> None:
    server.replies += [
        refused(403, "AccessDenied", "Request has expired"), answered(created(server, "fresh")),
    ]  # fmt: skip
    assert ask("upload", created(server), {"image": DATA}) == {"image": (2, False)}
    assert [request.path.partition("?")[0] for request in server.received] == [
        "/key", "/v1/verifications/ver_1/uploads", "/fresh",
    ]  # fmt: skip


def test_a_fresh_url_that_has_expired_is_a_matter_of_clocks(ask: Ask, server: Server) -> None:
    late = refused(403, "RequestTimeTooSkewed")
    server.replies += [late, answered(created(server, "fresh")), late]
    error = failing(ask, server)
    assert (error.code, error.status) == ("clock_skew", 403)
    assert error.storage_code == "RequestTimeTooSkewed"


def test_a_file_that_was_compressed_again_is_found_before_it_is_stored(
    ask: Ask, server: Server
) -> None:
    other = bytes(reversed(DATA))
    assert failing(ask, server, other).code == "file_changed"
    assert failing(ask, server, DATA[:-1]).code == "file_changed"
    assert server.received == []  # no request was whole


def test_bytes_altered_in_transit_are_distinguished_from_a_changed_file(
    ask: Ask, server: Server
) -> None:
    server.replies += [refused(400, "BadDigest")] * 2
    assert failing(ask, server).code == "bytes_altered"
    assert len(server.received) == 2


@pytest.mark.parametrize(
    ("reply", "code", "requests"),
    [
        (refused(403, "SignatureDoesNotMatch"), "headers_changed", 1),
        (refused(400, "InvalidArgument", "Only one auth mechanism allowed"), "headers_changed", 1),
        (refused(403, "AccessDenied", "headers which were not signed"), "headers_changed", 1),
        (refused(400, "NoSuchThing"), "storage_refused", 1),
    ],
)
def test_a_permanent_refusal_is_not_retried(
    reply: Reply, code: str, requests: int, ask: Ask, server: Server
) -> None:
    server.replies.append(reply)
    assert failing(ask, server).code == code
    assert len(server.received) == requests


@pytest.mark.parametrize(
    "reply",
    [
        refused(503, "SlowDown"), Reply(500, b""), refused(400, "RequestTimeout"),
        refused(409, "PathConflict"), Reply(breaks=True),
    ],
)  # fmt: skip
def test_a_temporary_refusal_is_retried_after_growing_pauses(
    reply: Reply, ask: Ask, server: Server, clock: FastClock
) -> None:
    server.replies += [reply, reply]
    assert ask("upload", created(server), {"image": DATA}) == {"image": (3, False)}
    first, second = clock.pauses
    assert 0.5 <= first <= 1 <= second <= 2


def test_a_bucket_that_never_answers_ends_the_upload(ask: Ask, server: Server) -> None:
    server.replies += [Reply(breaks=True)] * 100
    with pytest.raises(UploadError) as raised:
        ask("upload", created(server), {"image": DATA}, total_seconds=20)
    assert raised.value.code == "network"
    assert 3 <= len(server.received) <= 9


def test_a_failed_renewal_keeps_its_reason(ask: Ask, server: Server) -> None:
    problem = {"code": "not_allowed_now", "detail": "expired", "title": "T"}
    server.replies += [refused(403, "ExpiredToken"), answered(problem, 409)]
    error = failing(ask, server)
    assert error.code == "renew_failed"
    assert "not_allowed_now" in str(error)


@pytest.mark.parametrize(("said", "code"), [("proven", None), ("refused", "input_refused")])
def test_no_fresh_url_for_a_file_that_arrived_before_is_no_failure(
    said: str, code: str | None, ask: Ask, server: Server
) -> None:
    problem = {"code": "not_allowed_now", "detail": "every file has arrived", "title": "T"}
    server.replies += [
        Reply(breaks=True), refused(403, "AccessDenied", "Request has expired"),
        answered(problem, 409), state(said), state(said),
    ]  # fmt: skip
    if code is None:
        assert ask("upload", created(server), {"image": DATA}) == {"image": (2, True)}
    else:
        assert failing(ask, server).code == code


def test_no_log_has_a_presigned_url(
    ask: Ask, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ask("upload", created(server), {"image": DATA})
    assert "X-Signature" not in caplog.text
    assert f"{server.url}/key" in caplog.text  # the request is logged


@pytest.mark.parametrize(
    "change",
    [
        {"url": "file:///etc/passwd?X-Signature=1"},
        {"url": "/uploads?X-Signature=1"},
        {"url": "http://[::1?X-Signature=1"},
        {"url": "http://127.0.0.1:99999/?X-Signature=1"},
        {"url": "http://127.0.0.1\n/?X-Signature=1"},
        {"method": "P UT"},
        {"headers": {"x-a": "1\r\nx-b: secret"}},
        {"headers": {"x-a": "sécret"}},
    ],
)
def test_what_http_cannot_send_is_not_tried_for_ten_minutes(
    change: dict[str, Any], ask: Ask, server: Server, clock: FastClock
) -> None:
    awaited = created(server)
    awaited["uploads"]["image"].update(change)
    with pytest.raises(UploadError) as raised:
        ask("upload", awaited, {"image": DATA})
    assert raised.value.code == "headers_changed"
    assert "X-Signature" not in str(raised.value)
    assert "cret" not in str(raised.value)
    assert (server.received, clock.pauses) == ([], [])


def test_an_answer_of_the_bucket_that_cannot_be_decompressed_is_a_lost_answer(
    ask: Ask, server: Server
) -> None:
    server.replies.append(Reply(200, b"no gzip", {"Content_Encoding": "gzip"}))
    server.replies += [refused(412, "PreconditionFailed"), state("proven")]
    assert ask("upload", created(server), {"image": DATA}) == {"image": (2, True)}


def test_a_file_that_is_sent_too_slowly_ends_with_the_total_time(
    ask: Ask, server: Server, clock: FastClock
) -> None:
    def slow(name: str, sent: int, total: int) -> None:
        clock.pauses.append(15)

    with pytest.raises(UploadError) as raised:
        ask(
            "upload", {"id": "ver_1", "uploads": {"image": upload(server, data=DATA * 4)}},
            {"image": DATA * 4}, on_progress=slow, total_seconds=20,
        )  # fmt: skip
    assert raised.value.code == "network"
    assert server.received == []


def test_a_file_for_no_input_is_a_mistake(ask: Ask, server: Server) -> None:
    with pytest.raises(ValueError, match="no upload is awaited for video"):
        ask("upload", created(server), {"video": DATA})


def test_a_file_is_described_as_it_is_declared(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(DATA)
    digest = hashlib.md5(DATA, usedforsecurity=False).hexdigest()
    declared = {"md5": digest, "size": len(DATA), "content_type": "image/jpeg"}
    assert describe_file(file) == declared
    assert describe_file(str(file), "video/mp4;codecs=avc1")["content_type"] == "video/mp4"
    assert describe_file(DATA, "image/jpeg") == declared


def test_a_file_that_grows_while_it_is_described_is_not_declared(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(DATA)

    class Growing(os.PathLike[str]):
        """Somebody writes to the file whenever it is looked at."""

        def __fspath__(self) -> str:
            with file.open("ab") as written:
                written.write(b"more")
            return str(file)

    with pytest.raises(UploadError) as raised:
        describe_file(Growing())
    assert raised.value.code == "file_changed"


def test_a_file_that_cannot_be_sent_is_refused_before_it_is_read(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jpg"
    empty.touch()
    for source, options, code in (
        (empty, {}, "file_empty"),
        (tmp_path / "none.jpg", {}, "file_unreadable"),
        (tmp_path, {"content_type": "a/b"}, "file_unreadable"),
        ("a\0.jpg", {}, "file_unreadable"),
        (tmp_path / "photo.jpg.gz", {}, "content_type_not_accepted"),
        (DATA, {}, "content_type_not_accepted"),
        (DATA, {"content_type": "image/heic", "content_types": ["image/jpeg"]},
         "content_type_not_accepted"),
        (DATA, {"content_type": "image/jpeg", "max_bytes": 5}, "file_too_large"),
    ):  # fmt: skip
        with pytest.raises(UploadError) as raised:
            describe_file(source, **options)
        assert raised.value.code == code
