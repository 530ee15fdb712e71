"""One request to Tencent Cloud: what is recorded of it, and what never is."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from liveproof.outbound import connection
from liveproof.ports import SecretUnusable
from liveproof.secret_documents import VendorKey, vendor_key
from liveproof.vendors.answer import Answer, sanitize
from liveproof.vendors.errors import NotSent, OutcomeUnknown, VendorRefused
from liveproof.vendors.tencent.api import TencentApi
from liveproof_emulator import testing
from tests.support.memory import MemorySecrets
from tests.support.servers import (
    answering,
    certificate,
    closed_port,
    http,
    read_request,
    serving,
)

MakeApi = Callable[..., TencentApi]
URL_CANARY = "https://bucket.example/file?q-signature=canaryUrlSignature"


def call(api: TencentApi, timeout: float = 2.0) -> Answer:
    return api.call("faceid", "2018-03-01", "AnyAction", {"ImageUrl": URL_CANARY}, timeout)


def answered(body: object, content_type: str = "application/json") -> bytes:
    return http(200, json.dumps(body).encode(), Content_Type=content_type)


def response(**fields: Any) -> dict[str, Any]:
    return {"Response": {"RequestId": "request-1", **fields}}


def no_canary(text: str) -> bool:
    return "canary" not in text.lower()


def chain(error: BaseException | None) -> str:
    """Every text that a traceback would show of an exception and those before it."""
    texts = []
    while error is not None:
        texts += [str(error), repr(error)]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(texts)


def test_a_request_is_signed_so_that_the_vendor_takes_it(
    vendor: testing.Running, api: TencentApi
) -> None:
    parameters = {"TargetAction": "DetectReflectLivenessAndCompare"}
    urls = api.ask("faceid", "2018-03-01", "CreateUploadUrl", parameters, 5)

    assert set(urls) >= {"UploadUrl", "ResourceUrl"}
    (seen,) = vendor.calls("CreateUploadUrl")
    assert seen["region"] == "ap-singapore"


def test_a_call_leaves_over_the_connection_that_was_opened_for_it(make_api: MakeApi) -> None:
    with serving(answering(answered(response()))) as server:
        api = make_api(f"http://127.0.0.1:{server.port}")
        with api.connect(5) as connection:
            assert connection is not None
            api.call("faceid", "2018-03-01", "AnyAction", {}, 5, connection=connection)
        assert server.connections == 1


def test_a_wrong_key_is_reported_with_the_vendors_code_and_without_the_key(
    vendor: testing.Running, make_api: MakeApi
) -> None:
    api = make_api(vendor.url, vendor.secret_id)
    with pytest.raises(VendorRefused) as refused:
        api.ask("faceid", "2018-03-01", "CreateUploadUrl", {}, 5)

    assert refused.value.code == "AuthFailure.SignatureFailure"
    assert refused.value.request_id
    assert no_canary(chain(refused.value))


def test_an_answer_has_its_fields_and_request_id(make_api: MakeApi) -> None:
    with serving(answering(answered(response(Result="Success", Sim=96.3)))) as server:
        answer = call(make_api(f"http://127.0.0.1:{server.port}"))

    assert answer.error is None
    assert answer.request_id == "request-1"
    assert answer.response["Sim"] == 96.3
    assert answer.latency_ms >= 0
    assert server.connections == 1


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "text/plain", "text/html", ""],
)
def test_an_error_is_an_error_under_every_content_type(
    make_api: MakeApi, content_type: str
) -> None:
    """The SDK looks for Response.Error under two exact content types only."""
    error = {"Code": "UnauthorizedOperation.Arrears", "Message": "m"}
    with serving(answering(answered(response(Error=error), content_type))) as server:
        answer = call(make_api(f"http://127.0.0.1:{server.port}"))

    assert (answer.error, answer.request_id) == ("UnauthorizedOperation.Arrears", "request-1")


def test_an_answer_that_a_proxy_compressed_is_read(make_api: MakeApi) -> None:
    with serving(answering(http(200, gzip.compress(GOOD), Content_Encoding="gzip"))) as server:
        answer = call(make_api(f"http://127.0.0.1:{server.port}"))

    assert answer.response["Sim"] == 96.3


def parts(request: bytes) -> tuple[str, dict[str, str], bytes]:
    """Request line, headers and body."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return first, {name.lower(): value for name, value in headers.items()}, body


@pytest.mark.parametrize("token", [None, "temporary-token"])
@pytest.mark.parametrize("regional", [True, False])
def test_the_request_is_the_one_that_the_sdk_would_send(
    monkeypatch: pytest.MonkeyPatch, token: str | None, regional: bool
) -> None:
    monkeypatch.setattr("time.time", lambda: 1_795_000_000.0)
    monkeypatch.setattr("liveproof.vendors.tencent.api.now_ms", lambda: 1_795_000_000_999)
    received = []
    key = VendorKey("AKIDexample", "secret", token)
    parameters = {"ImageUrl": URL_CANARY, "Text": "\u00e9 \U0001f600", "List": [1, {"a": None}]}

    def serve(connection: socket.socket) -> None:
        received.append(parts(read_request(connection)))
        connection.sendall(answered(response()))

    with serving(serve) as server:
        host = f"127.0.0.1:{server.port}"
        http_profile = HttpProfile(protocol="http", endpoint=host)
        profile = ClientProfile(httpProfile=http_profile, language="en-US")
        region = "ap-singapore" if regional else ""
        credential = Credential(key.secret_id, key.secret_key, token)
        sdk = CommonClient("faceid", "2018-03-01", credential, region, profile)
        sdk.call_json("AnyAction", parameters)
        ours = TencentApi(f"http://{host}", "ap-singapore", lambda: key)
        ours.call("faceid", "2018-03-01", "AnyAction", parameters, 2, regional=regional)

    (sdk_line, sdk_headers, sdk_body), (line, headers, body) = received
    # What `requests` adds, and what is for nobody's use but the vendor's: none is signed.
    of_the_sdks_sending = {"user-agent", "accept", "accept-encoding", "connection", "x-tc-traceid",
                           "x-tc-requestclient"}  # fmt: skip
    assert (line, body) == (sdk_line, sdk_body) == ("POST / HTTP/1.1", sdk_body)
    for name in sdk_headers.keys() - of_the_sdks_sending:
        assert headers[name] == sdk_headers[name], name
    assert headers.keys() - sdk_headers.keys() == set()
    assert headers["accept-encoding"] == "identity"
    assert headers["x-tc-language"] == "en-US"
    assert headers["authorization"].startswith("TC3-HMAC-SHA256 Credential=AKIDexample/")
    assert headers.get("x-tc-token") == token
    assert headers.get("x-tc-region") == (region or None)


@pytest.mark.parametrize(("options", "connections"), [({}, 2), ({"keep_alive": True}, 1)])
def test_a_connection_is_used_again_only_where_a_request_may_be_repeated(
    options: dict[str, Any], connections: int
) -> None:
    """One that the server has just closed would leave a paid call's outcome unknown."""

    def serve(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(answered(response()))

    def call_twice(url: str) -> None:
        """The kept connection ends with its API: the server would wait for more."""
        key = VendorKey("AKID", "key", None)
        api = TencentApi(url, "ap-singapore", lambda: key, **options)
        for _ in range(2):
            assert call(api).error is None

    with serving(serve) as server:
        call_twice(f"http://127.0.0.1:{server.port}")

    assert server.connections == connections


# -- nothing left -----------------------------------------------------------------------------


def test_a_refused_connection_means_not_sent(make_api: MakeApi) -> None:
    with pytest.raises(NotSent) as error:
        call(make_api(f"http://127.0.0.1:{closed_port()}"))

    assert no_canary(chain(error.value))


def test_a_name_without_address_means_not_sent(make_api: MakeApi) -> None:
    with pytest.raises(NotSent):
        call(make_api("http://vendor.invalid"))


def test_a_certificate_that_nobody_vouches_for_means_not_sent(
    make_api: MakeApi, tmp_path: Path
) -> None:
    _, context = certificate(tmp_path)
    with serving(answering(answered(response())), context) as server, pytest.raises(NotSent):
        call(make_api(f"https://127.0.0.1:{server.port}"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_key_that_takes_the_calls_whole_time_to_read_leaves_none_to_send_it(host: str) -> None:
    """A store of secrets that was slow came on top, and the function could end within the call."""

    def slow() -> VendorKey:
        time.sleep(pause)
        return VendorKey("AKID", "key", None)

    with serving(answering(answered(response()))) as server:
        api = TencentApi(f"http://{host}:{server.port}", "ap-singapore", slow)
        pause = 0.5
        with pytest.raises(NotSent, match="timed_out"):
            call(api, timeout=0.4)
        assert server.connections == 0
        pause = 0.1
        assert call(api, timeout=20).request_id == "request-1"


@pytest.mark.parametrize("part", [" ", "canary\n", "can ary", "canar\u00ff"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_key_that_no_header_can_hold_means_not_sent(part: str, place: int) -> None:
    parts = ["AKID", "key", "token"]
    parts[place] = part
    key = VendorKey(*parts)
    api = TencentApi("http://127.0.0.1:9", "ap-singapore", lambda: key)

    with pytest.raises(NotSent, match="cannot be sent") as refused:
        call(api)
    assert no_canary(chain(refused.value))


@pytest.mark.parametrize(
    "value", [None, b"", b"{", b"[]", b'{"secret_id": "", "secret_key": "canary"}']
)
def test_an_unusable_key_is_named_and_never_shown(value: bytes | None) -> None:
    secrets = MemorySecrets({} if value is None else {"vendor-key": value})
    api = TencentApi("http://127.0.0.1:9", "ap-singapore", vendor_key(secrets, "vendor-key"))

    with pytest.raises(SecretUnusable, match="vendor-key") as unusable:
        call(api)
    assert no_canary(chain(unusable.value))


# -- nobody knows -----------------------------------------------------------------------------


def hang(connection: socket.socket) -> None:
    read_request(connection)
    connection.recv(1)


def reset(connection: socket.socket) -> None:
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset_in_body(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close_silently(connection: socket.socket) -> None:
    read_request(connection)


GOOD = json.dumps(response(Result="Success", Sim=96.3)).encode()
UNKNOWN = {
    "read timeout": hang,
    "reset after the body": reset,
    "reset within the answer": reset_in_body,
    "closed without an answer": close_silently,
    "cut short": answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + GOOD),
    "HTTP 500": answering(http(500, b"<html>", Content_Type="text/html")),
    "HTTP 500 with a good body": answering(http(500, GOOD, Content_Type="application/json")),
    "HTTP 502": answering(http(502, b"")),
    "not JSON": answering(http(200, b"<html>", Content_Type="application/json")),
    "not JSON under another type": answering(http(200, b"<html>", Content_Type="text/html")),
    "not UTF-8": answering(http(200, b"\xff\xfe{}", Content_Type="application/json")),
    "no Response": answering(answered({"Other": 1})),
    "Response is no object": answering(answered({"Response": "Success"}, "text/html")),
    "a list": answering(answered([1], "text/html")),
    "a list as JSON": answering(answered([1])),
    "nothing": answering(http(200, b"", Content_Type="application/json")),
    "an error without its parts": answering(answered(response(Error={}))),
    "an error without a code": answering(answered(response(Error={"Message": "m"}))),
    "an error that is a text": answering(answered(response(Error="canary"))),
    "broken gzip": answering(http(200, b"\x1f\x8b\x08canary", Content_Encoding="gzip")),
    "no HTTP": answering(b"SSH-2.0-OpenSSH\r\n"),
    "broken chunks": answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
}


@pytest.mark.parametrize("serve", UNKNOWN.values(), ids=UNKNOWN)
def test_any_other_failure_after_sending_is_an_unknown_outcome(
    make_api: MakeApi, serve: Callable[[socket.socket], None], caplog: pytest.LogCaptureFixture
) -> None:
    with serving(serve) as server, pytest.raises(OutcomeUnknown) as unknown:
        call(make_api(f"http://127.0.0.1:{server.port}"), timeout=0.5)

    assert server.connections == 1
    assert no_canary(chain(unknown.value))
    assert no_canary(caplog.text)


def garbage_after_tls(connection: socket.socket) -> None:
    read_request(connection)
    # Below TLS: to the client a broken record in the middle of a good connection.
    with socket.socket(fileno=connection.detach()) as bare:
        bare.sendall(b"this is no TLS record at all")


def test_tls_that_breaks_after_sending_leaves_the_outcome_unknown(
    make_api: MakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = certificate(tmp_path)
    monkeypatch.setattr(connection, "authorities_path", lambda: trusted)
    with serving(garbage_after_tls, context) as server, pytest.raises(OutcomeUnknown):
        call(make_api(f"https://127.0.0.1:{server.port}"))

    assert server.connections == 1


def test_a_vendors_words_are_made_fit_to_be_stored(make_api: MakeApi) -> None:
    odd = {"Code": "\ud800" + "\U0001f600" * 50 + "x" * 5000, "Message": "m"}
    body = {"Response": {"Error": odd, "RequestId": "\ud800" * 500}}
    with serving(answering(answered(body, "text/html"))) as server:
        answer = call(make_api(f"http://127.0.0.1:{server.port}"))

    assert answer.error is not None
    assert answer.request_id is not None
    for text in (answer.error, answer.request_id):
        assert text.isascii()
        assert len(text) <= 100


def test_not_even_debug_logs_of_the_libraries_show_urls_or_keys(
    make_api: MakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(answering(answered(response(Result="Success")))) as server:
        call(make_api(f"http://127.0.0.1:{server.port}"))

    assert no_canary(caplog.text)


def test_an_answers_text_shows_no_field(make_api: MakeApi) -> None:
    assert no_canary(repr(Answer({"BestFrameUrl": URL_CANARY}, None, "r", 1)))
    assert sanitize("FailedOperation.LivessDetectFake") == "FailedOperation.LivessDetectFake"
