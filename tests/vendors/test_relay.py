"""Bringing files to the vendor and back: the right bytes, the right region, no URL in any text."""

from __future__ import annotations

import hashlib
import io
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from liveproof.ports import ObjectStream
from liveproof.vendors.errors import RelayFailed, VendorRefused
from liveproof.vendors.tencent.api import TencentApi
from liveproof.vendors.tencent.relay import Relay
from liveproof_emulator import testing
from tests.support.servers import closed_port, http, read_request, serving

MakeApi = Callable[..., TencentApi]
ACTION = "DetectReflectLivenessAndCompare"
HOST = "bucket.cos.ap-singapore.myqcloud.com"
SIGNED = "?q-signature=canary"


def md5_of(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


class Stream(io.BytesIO):
    """A file as a bucket would stream it."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.size = len(body)
        self.largest = 0

    def read(self, amount: int | None = -1) -> bytes:
        self.largest = max(self.largest, amount or 10**9)
        return super().read(amount)

    # What a bucket's stream does not have.
    tell = seek = None  # type: ignore[assignment]


def as_stream(body: bytes) -> ObjectStream:
    return Stream(body)  # type: ignore[return-value]


def texts(error: BaseException) -> str:
    return f"{error} {error!r} {error.__cause__!r} {error.__suppress_context__}"


def test_a_file_arrives_in_the_vendors_storage_in_small_pieces(
    vendor: testing.Running, api: TencentApi
) -> None:
    body = testing.photo() + bytes(300_000)
    stream = Stream(body)
    url = Relay(api).upload(ACTION, stream, md5_of(body), 10)  # type: ignore[arg-type]

    assert ".cos.ap-singapore.myqcloud.com/" in url
    assert 0 < stream.largest <= 65536
    assert Relay(api).download(url, md5_of(body), 10**6, 10) == body


def test_bytes_that_changed_on_the_way_are_refused_by_the_vendors_storage(
    vendor: testing.Running, api: TencentApi
) -> None:
    with pytest.raises(RelayFailed, match="answered 400"):
        Relay(api).upload(ACTION, as_stream(b"other"), md5_of(b"bytes"), 10)


def test_a_refused_upload_url_tells_the_vendors_code(
    vendor: testing.Running, api: TencentApi
) -> None:
    vendor.fault("CreateUploadUrl", "rate-limited-always")

    with pytest.raises(VendorRefused) as refused:
        Relay(api).upload(ACTION, as_stream(b"bytes"), md5_of(b"bytes"), 10)
    assert refused.value.code == "RequestLimitExceeded"


def test_an_expired_upload_url_fails_without_showing_it(
    vendor: testing.Running, api: TencentApi
) -> None:
    vendor.fault("CreateUploadUrl", "urls-expired")

    with pytest.raises(RelayFailed) as failed:
        Relay(api).upload(ACTION, as_stream(b"bytes"), md5_of(b"bytes"), 10)
    assert "q-sign" not in texts(failed.value)


class Offering(TencentApi):
    """An API that offers these URLs."""

    def __init__(self, api: TencentApi, upload: Any, resource: Any) -> None:
        self.__dict__.update(api.__dict__)
        self._urls = {"UploadUrl": upload, "ResourceUrl": resource}

    def ask(self, *_: Any, **__: Any) -> dict[str, Any]:
        return self._urls


ELSEWHERE = [
    f"https://bucket.cos.ap-hongkong.myqcloud.com/key{SIGNED}",
    f"http://{HOST}/key{SIGNED}",
    f"https://{HOST}.evil.example/key{SIGNED}",
    f"https://evil.example/{HOST}/key{SIGNED}",
    f"https://{HOST}@evil.example/key{SIGNED}",
    f"https://evil.example#.{HOST}/{SIGNED}",
    f"https://evilcos.ap-singapore.myqcloud.com/key{SIGNED}",
    f"https://vendor.example/bucket.cos.ap-hongkong.myqcloud.com/key{SIGNED}",
    f"https://[::1{SIGNED}",
    # Python's parser and the HTTP client's disagreed: faces went to evil.example.
    f"https://evil.example\\@{HOST}/key{SIGNED}",
    f"https://evil.example\\.{HOST}/key{SIGNED}",
    f"https://evil.example:8443\\@{HOST}/key{SIGNED}",
    f"https://user@{HOST}/key{SIGNED}",
    f"https://{HOST}:22/key{SIGNED}",
    f"https://{HOST}:80/key{SIGNED}",
    f"https://{HOST}/key{SIGNED}\r\nHost: evil.example",
    f"https://{HOST}\t/key{SIGNED}",
    f"https://a.b.cos.ap-singapore.myqcloud.com.evil.example/{SIGNED}",
    f"https://.cos.ap-singapore.myqcloud.com/key{SIGNED}",
    # The endpoint's own host by another scheme or port, or not as a bucket.
    f"http://vendor.example/{HOST}/key{SIGNED}",
    f"https://vendor.example:444/{HOST}/key{SIGNED}",
    f"https://vendor.example/key?x=/{HOST}/{SIGNED}",
    f"https://vendor.example/{HOST}{SIGNED}",
    f"https://vendor.example/x{HOST}.evil/key{SIGNED}",
    f"file:///{HOST}/key{SIGNED}",
    SIGNED,
]


@pytest.mark.parametrize("url", ELSEWHERE)
@pytest.mark.parametrize("which", ["upload", "resource", "download"])
def test_a_url_outside_the_pinned_region_is_refused_and_not_shown(
    make_api: MakeApi, url: str, which: str
) -> None:
    api = make_api("https://vendor.example")
    good = f"https://{HOST}/key"
    offering = Offering(api, url if which == "upload" else good, url)

    def bring() -> object:
        if which == "download":
            return Relay(api).download(url, "0" * 32, 100, 1)
        return Relay(offering).upload(ACTION, as_stream(b"bytes"), md5_of(b"bytes"), 1)

    with pytest.raises(RelayFailed, match="outside ap-singapore") as failed:
        bring()
    assert "canary" not in texts(failed.value)


def test_a_url_is_sent_to_the_host_that_was_judged_or_to_none(
    make_api: MakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the very spelling that the vendor uses leads to its own host, over TLS."""
    lookups: list[Any] = []

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        lookups.append((host, port))
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    relay = Relay(make_api("https://vendor.example"))
    for url in (f"https://{HOST}/key{SIGNED}", *ELSEWHERE):
        with pytest.raises(RelayFailed):
            relay.download(url, "0" * 32, 100, 1)

    assert lookups == [(HOST, 443)]


@pytest.mark.parametrize(("upload", "resource"), [(None, "x"), ("x", None), (1, 2), ("", "")])
def test_an_answer_without_urls_fails(make_api: MakeApi, upload: Any, resource: Any) -> None:
    offering = Offering(make_api("https://vendor.example"), upload, resource)

    with pytest.raises(RelayFailed):
        Relay(offering).upload(ACTION, as_stream(b"bytes"), md5_of(b"bytes"), 1)


def storage(serve: Callable[[socket.socket], None]) -> Any:
    return serving(serve)


def url_at(port: int) -> str:
    return f"http://127.0.0.1:{port}/{HOST}/key{SIGNED}"


def drip(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def drip_head(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def nothing(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(http(200, b""))


def silence(connection: socket.socket) -> None:
    read_request(connection)
    connection.recv(1)


def cut(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")


def flood(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def redirect(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(http(302, Location="http://127.0.0.1:1/"))


def other_bytes(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(http(200, b"other bytes"))


@pytest.mark.parametrize("serve", [drip, drip_head, silence, cut, flood, redirect, other_bytes])
def test_a_download_that_goes_wrong_fails_in_time_without_showing_its_url(
    make_api: MakeApi, serve: Callable[[socket.socket], None]
) -> None:
    with serving(serve) as server:
        relay = Relay(make_api(f"http://127.0.0.1:{server.port}"))
        began = time.monotonic()
        with pytest.raises(RelayFailed) as failed:
            relay.download(url_at(server.port), md5_of(b"bytes"), 1_000_000, 0.5)

    assert time.monotonic() - began < 3
    assert "canary" not in texts(failed.value)
    assert failed.value.__suppress_context__ or failed.value.__context__ is None


def test_an_md5_may_be_written_in_capital_letters(make_api: MakeApi) -> None:
    with serving(other_bytes) as server:
        relay = Relay(make_api(f"http://127.0.0.1:{server.port}"))
        md5 = md5_of(b"other bytes").upper()

        assert relay.download(url_at(server.port), md5, 100, 5) == b"other bytes"


def test_an_empty_file_is_none_whatever_its_md5(make_api: MakeApi) -> None:
    """A best frame of 0 bytes was kept as evidence."""
    with serving(nothing) as server:
        relay = Relay(make_api(f"http://127.0.0.1:{server.port}"))
        with pytest.raises(RelayFailed, match="empty"):
            relay.download(url_at(server.port), md5_of(b""), 100, 5)


@pytest.mark.parametrize("serve", [silence, drip_head, redirect])
def test_an_upload_that_goes_wrong_fails_in_time_without_showing_its_url(
    make_api: MakeApi, serve: Callable[[socket.socket], None]
) -> None:
    with serving(serve) as server:
        api = make_api(f"http://127.0.0.1:{server.port}")
        offering = Offering(api, url_at(server.port), url_at(server.port))
        began = time.monotonic()
        with pytest.raises(RelayFailed) as failed:
            Relay(offering).upload(ACTION, as_stream(b"bytes"), md5_of(b"bytes"), 0.5)

    assert time.monotonic() - began < 5
    assert "canary" not in texts(failed.value)


def test_storage_that_refuses_connections_fails_without_showing_its_url(
    make_api: MakeApi,
) -> None:
    port = closed_port()
    relay = Relay(make_api(f"http://127.0.0.1:{port}"))

    with pytest.raises(RelayFailed) as failed:
        relay.download(url_at(port), "0" * 32, 100, 1)
    assert "canary" not in texts(failed.value)
    assert urlsplit(url_at(port)).netloc not in str(failed.value)
