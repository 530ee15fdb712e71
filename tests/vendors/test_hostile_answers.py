"""A hostile vendor, or an attacker who answers in its place: no answer passes a person, leaves a
call open or takes a function's memory and time."""

from __future__ import annotations

import json
import resource
import socket
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from liveproof.checks.check import Check
from liveproof.checks.photo import Photo
from liveproof.checks.reflect import Reflect
from liveproof.checks.silent import Silent
from liveproof.checks.video import Video
from liveproof.domain.verification import Decision
from liveproof.secret_documents import VendorKey
from liveproof.vendors.documents import MAX_ANSWER_BYTES
from liveproof.vendors.errors import NotSent, OutcomeUnknown, VendorError
from liveproof.vendors.senseid.api import SenseId
from liveproof.vendors.tencent.api import TencentApi
from tests.support.bombs import gzip_bomb
from tests.support.checks import read_by
from tests.support.memory import MemorySecrets
from tests.support.servers import (
    Serve,
    answering,
    closed_port,
    dripping,
    http,
    read_request,
    serving,
)

LONG = 5.0
GOOD: dict[str, dict[str, Any]] = {
    "tencent": {"Response": {"Result": "Success", "Sim": 99, "Score": 99, "RequestId": "r"}},
    "senseid": {"code": 1000, "passed": True, "liveness_status": "ok", "verification_score": 0.99},
}
TYPES = ("application/json", "application/json; charset=utf-8", "text/html", "")


def tencent(url: str) -> TencentApi:
    return TencentApi(url, "ap-singapore", lambda: VendorKey("AKID", "key", None))


CHECKS: dict[str, Callable[[str], Check]] = {
    "reflect": lambda url: Reflect(tencent(url)),
    "video": lambda url: Video(tencent(url), "VideoLivenessCompare", 1),
    "video by CompareFaceLiveness": lambda url: Video(tencent(url), "CompareFaceLiveness", 1),
    "video by LivenessCompare": lambda url: Video(tencent(url), "LivenessCompare", 3),
    "photo": lambda url: Photo(tencent(url)),
    "silent": lambda url: Silent(SenseId(url, MemorySecrets({}), "senseid-key")),
}
each_check = pytest.mark.parametrize("name", CHECKS)
each_of_tencent = pytest.mark.parametrize("name", [name for name in CHECKS if name != "silent"])


def decision(name: str, serve: Serve, timeout: float = 20) -> Decision | None:
    """What the check makes of the server's answer; the paid call's errors are raised."""
    with serving(serve) as server:
        return decision_at(name, f"http://127.0.0.1:{server.port}", timeout)


def decision_at(name: str, url: str, timeout: float = 20) -> Decision | None:
    check = CHECKS[name](url)
    parameters: dict[str, Any] = {"ImageUrl": "canary"}
    if name == "silent":
        parameters = {"form": bytearray(b"encrypted_video=canary")}
    answer = check.call(parameters, timeout)
    return read_by(check, answer).decision


def good(name: str) -> dict[str, Any]:
    return GOOD["senseid" if name == "silent" else "tencent"]


def sent(name: str, body: bytes | None = None, status: int = 200, **headers: str) -> Serve:
    body = json.dumps(good(name)).encode() if body is None else body
    return answering(http(status, body, **headers))


@each_check
@pytest.mark.parametrize("content_type", TYPES)
def test_an_honest_answer_passes(name: str, content_type: str) -> None:
    """The control of every test here."""
    assert decision(name, sent(name, Content_Type=content_type)) is Decision.PASSED


# -- redirects ---------------------------------------------------------------------------------


@each_check
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_call_is_an_unknown_outcome_and_nothing_goes_elsewhere(
    name: str, status: int
) -> None:
    """The SDK followed: another host's answer was the verdict, and got faces and tokens."""
    with serving(sent(name)) as other:
        location = f"http://127.0.0.1:{other.port}/"
        with (
            serving(sent(name, status=status, Location=location)) as server,
            pytest.raises(OutcomeUnknown),
        ):
            decision_at(name, f"http://127.0.0.1:{server.port}")

    assert (server.connections, other.connections) == (1, 0)


@each_check
def test_a_redirect_to_a_closed_port_is_not_taken_for_a_call_that_was_never_sent(
    name: str,
) -> None:
    """It was recorded as not executed, at no cost, and repeated for an hour."""
    location = f"http://127.0.0.1:{closed_port()}/"
    with pytest.raises(OutcomeUnknown):
        decision(name, sent(name, b"", 307, Location=location))

    with pytest.raises(NotSent):
        decision_at(name, location)


@each_check
def test_a_redirect_to_itself_is_one_request(name: str) -> None:
    def loop(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(http(307, b"", Location="/"))

    with serving(loop) as server, pytest.raises(OutcomeUnknown):
        decision_at(name, f"http://127.0.0.1:{server.port}")
    assert server.connections == 1


# -- errors ------------------------------------------------------------------------------------


@each_of_tencent
@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize(
    "error",
    [
        *("InternalError", ["InternalError"], 1, 0, True, False, "", []),
        *({}, {"Code": None}, {"Code": ""}, {"Code": 7}, {"Message": "m"}),
    ],
    ids=repr,
)
def test_an_error_of_another_shape_never_passes(
    name: str, error: object, content_type: str
) -> None:
    """It was overlooked where it was no object, and `Result: Success` beside it passed."""
    answer = {"Response": {**good(name)["Response"], "Error": error}}
    with pytest.raises(OutcomeUnknown):
        decision(name, sent(name, json.dumps(answer).encode(), Content_Type=content_type))


@each_of_tencent
def test_an_error_beside_a_result_is_the_error_and_null_is_none(name: str) -> None:
    error = {"Code": "UnauthorizedOperation.Arrears", "Message": "m"}
    refused = {"Response": {**good(name)["Response"], "Error": error}}
    fine = {"Response": {**good(name)["Response"], "Error": None}}

    assert decision(name, sent(name, json.dumps(refused).encode())) is Decision.ERROR
    assert decision(name, sent(name, json.dumps(fine).encode())) is Decision.PASSED


@each_of_tencent
@pytest.mark.parametrize("request_id", [None, "", 7, ["r"]])
def test_an_answer_that_nobody_could_ask_the_vendor_about_is_none(
    name: str, request_id: object
) -> None:
    answer = {"Response": {**good(name)["Response"], "RequestId": request_id}}
    with pytest.raises(OutcomeUnknown):
        decision(name, sent(name, json.dumps(answer).encode()))


# -- JSON that cannot be read in one way -------------------------------------------------------


def doubled(name: str) -> dict[str, bytes]:
    """The honest answer with a name twice: first or last the one that would not pass."""
    key, bad = ("passed", b"false") if name == "silent" else ("Result", b'"Failed"')
    key, bad = ("Score", b"1") if name == "photo" else (key, bad)
    text = json.dumps(good(name)).encode()
    field = f'"{key}"'.encode()
    outer = b'"code"' if name == "silent" else b'"Response"'
    return {
        "the bad one first": text.replace(field, field + b": " + bad + b", " + field),
        "twice the same": text.replace(outer, b'"other": 1, "other": 1, ' + outer, 1),
    }


def unreadable(name: str) -> dict[str, bytes]:
    text = json.dumps(good(name)).encode()
    more = text[:-1] + b', "More": %s}'
    return {
        "a number of 5,000 digits": more % (b"9" * 5000),
        "a number of 41 digits": more % (b"9" * 41),
        "200,000 brackets": more % (b"[" * 200_000 + b"]" * 200_000),
        "200,000 open brackets": b"[" * 200_000,
        "200,000 objects": more % (b'{"a":' * 200_000 + b"1" + b"}" * 200_000),
        "0xff in a text": more % b'"\xff"',
        "half a character": more % b'"\xe2\x82"',
        "UTF-16": text.decode().encode("utf-16"),
        "UTF-32": text.decode().encode("utf-32"),
        "a byte order mark": b"\xef\xbb\xbf" + text,
        "NaN": more % b"NaN",
        "Infinity": more % b"-Infinity",
        "1e400": more % b"1e400",
        "a list": b"[" + text + b"]",
        "something after it": text + b"{}",
        "cut": text[:-3],
        "nothing": b"",
        **doubled(name),
    }


@each_check
@pytest.mark.parametrize("kind", unreadable("photo"))
def test_an_answer_that_cannot_be_read_in_one_way_is_settled_as_unknown_at_once(
    name: str, kind: str
) -> None:
    """Some escaped as exceptions, and the call stayed open; of doubled names the last one won."""
    with pytest.raises(OutcomeUnknown) as unknown:
        decision(name, sent(name, unreadable(name)[kind]))

    assert unknown.value.__suppress_context__ or unknown.value.__context__ is None


CHUNKED = b"Transfer-Encoding: chunked\r\n"
ODD_HTTP: dict[str, bytes] = {
    "204 that announces chunks": b"HTTP/1.1 204 x\r\n" + CHUNKED + b"\r\n",
    "304 that announces chunks": b"HTTP/1.1 304 x\r\n" + CHUNKED + b"\r\nzz\r\n",
    "a chunk of -5": b"HTTP/1.1 200 x\r\n" + CHUNKED + b"\r\n-5\r\ncanary",
    "a chunk of -1": b"HTTP/1.1 200 x\r\n" + CHUNKED + b"\r\n-1\r\ncanary",
    "two lengths": b"HTTP/1.1 200 x\r\nContent-Length: 9\r\nContent-Length: 0\r\n\r\n",
    "a head that is cut": b"HTTP/1.1 200 x\r\nContent-Le",
}


@each_of_tencent
@pytest.mark.parametrize("kind", ODD_HTTP)
def test_an_answer_that_is_odd_http_is_settled_as_unknown(name: str, kind: str) -> None:
    """204 with chunks and a negative chunk escaped as exceptions, and the call stayed open."""
    with pytest.raises(OutcomeUnknown):
        decision(name, answering(ODD_HTTP[kind]))


@pytest.mark.parametrize("kind", ODD_HTTP)
def test_an_answer_of_senseid_that_is_odd_http_never_passes(kind: str) -> None:
    try:
        decided = decision("silent", answering(ODD_HTTP[kind]))
    except OutcomeUnknown:
        return
    assert (kind, decided) == ("204 that announces chunks", Decision.ERROR)


# -- time --------------------------------------------------------------------------------------


@each_check
@pytest.mark.parametrize(
    "text", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"]
)
def test_a_call_ends_in_its_time_whatever_comes_byte_by_byte(name: str, text: bytes) -> None:
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        decision(name, dripping(text), timeout=0.4)
    assert time.monotonic() - began < LONG


# -- bytes -------------------------------------------------------------------------------------


def flood(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(b'HTTP/1.1 200 OK\r\n\r\n{"Response": {"Description": "')
    while True:
        connection.sendall(b"x" * 65536)


@each_check
@pytest.mark.parametrize(
    "serve",
    [
        flood,
        answering(http(200, gzip_bomb(500), Content_Encoding="gzip")),
    ],
    ids=["flood", "gzip bomb"],
)
def test_an_answer_without_end_is_given_up_with_little_memory(name: str, serve: Serve) -> None:
    """500 MB took 1 GB."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(OutcomeUnknown):
        decision(name, serve)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    assert grown * 1024 < 8 * MAX_ANSWER_BYTES


@each_check
@pytest.mark.parametrize("value", [b"{}", b"[]", b"1.5", b'"ab"'])
def test_an_answer_of_small_values_without_number_is_given_up_with_little_memory(
    name: str, value: bytes
) -> None:
    """16 MiB of empty objects took 350 MB and eight seconds: more than a function has."""
    body = json.dumps(good(name)).encode()[:-1] + b', "More": ['
    count = (MAX_ANSWER_BYTES - len(body) - 10) // (len(value) + 1)
    body += (value + b",") * (count - 1) + value + b"]}"
    tracemalloc.start()
    try:
        with pytest.raises(OutcomeUnknown):
            decision(name, sent(name, body))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 6 * MAX_ANSWER_BYTES


@each_check
def test_an_answer_of_many_values_is_taken(name: str) -> None:
    body = json.dumps({**good(name), "More": [{}] * 99_000}).encode()
    assert decision(name, sent(name, body)) is Decision.PASSED


@each_check
def test_the_largest_answer_is_taken(name: str) -> None:
    answer = json.loads(json.dumps(good(name)))
    part = answer if name == "silent" else answer["Response"]
    room = MAX_ANSWER_BYTES - len(json.dumps(answer)) - len(', "Description": ""')
    part["Description"] = "x" * room
    body = json.dumps(answer).encode()

    assert len(body) == MAX_ANSWER_BYTES
    assert decision(name, sent(name, body)) is Decision.PASSED
    with pytest.raises(OutcomeUnknown):
        decision(name, sent(name, body + b" "))


def test_free_requests_fail_as_the_vendors_fault() -> None:
    """`POST /v1/reflect-sequences` answered 500 where it should have answered 502."""
    for kind, body in unreadable("photo").items():
        with serving(answering(http(200, body))) as server, pytest.raises(VendorError):
            tencent(f"http://127.0.0.1:{server.port}").ask("faceid", "v", kind.title(), {}, 5)
