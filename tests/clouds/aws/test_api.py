"""Calls of AWS's JSON APIs: what is retried, what bounds them, and what an error says."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.retries import standard

from liveproof.clouds.aws import api
from liveproof.clouds.aws.errors import (
    AwsError,
    AwsRefused,
    AwsUnanswered,
    ConditionFailed,
    ResourceMissing,
    TransactionCanceled,
)
from liveproof.clouds.aws.signature import Credentials
from tests.support.json_api import dynamodb, refusal
from tests.support.servers import (
    RawServer,
    answering_in_turn,
    closed_port,
    dripping,
    http,
    read_request,
    serving,
)

_STANDARD: Any = standard  # its stubs leave out what is private
THROTTLED = _STANDARD.ThrottledRetryableChecker._THROTTLED_ERROR_CODES
TRANSIENT = _STANDARD.TransientRetryableChecker._TRANSIENT_ERROR_CODES
STATUSES = _STANDARD.TransientRetryableChecker._TRANSIENT_STATUS_CODES


def ask(port: int) -> dict[str, object]:
    return dynamodb(port).call("GetItem", TableName="secret-table", Key={"pk": {"S": "secret-id"}})


NESTED = b'{"a": ' + b"[" * 100_000
ANSWER = http(200, b'{"Item": {}}', Connection="close")


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between attempts, which take no time here. None is shortened at random."""
    taken: list[float] = []
    monkeypatch.setattr(api, "sleep", taken.append)
    monkeypatch.setattr(api, "random", lambda: 1.0)
    return taken


# -- what is retried


@pytest.mark.parametrize("code", [*THROTTLED, *TRANSIENT])
def test_every_code_that_botocore_retries_is_retried(code: str) -> None:
    with serving(answering_in_turn(refusal(code), ANSWER)) as server:
        assert ask(server.port) == {"Item": {}}

    assert server.connections == 2


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_that_botocore_retries_is_retried(status: int) -> None:
    with serving(answering_in_turn(http(status, b"<html>", Connection="close"), ANSWER)) as server:
        assert ask(server.port) == {"Item": {}}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "ValidationException"),
        (400, "AccessDeniedException"),
        (400, "ConditionalCheckFailedException"),
        (400, "TransactionCanceledException"),
        (400, "ItemCollectionSizeLimitExceededException"),
        (403, "ExpiredTokenException"),
        (501, "NotImplemented"),
    ],
)
def test_other_refusals_are_not_retried(status: int, code: str) -> None:
    with (
        serving(answering_in_turn(refusal(code, status))) as server,
        pytest.raises(AwsRefused) as caught,
    ):
        ask(server.port)

    assert (caught.value.status, caught.value.code) == (status, code)
    assert server.connections == 1


def test_the_third_refusal_is_the_last(pauses: list[float]) -> None:
    answers = [refusal("InternalServerError", 500)] * 3
    with serving(answering_in_turn(*answers)) as server, pytest.raises(AwsRefused):
        ask(server.port)

    assert (server.connections, pauses) == (3, [0.05, 0.1])


def test_a_throttled_request_waits_for_longer(pauses: list[float]) -> None:
    answers = [refusal("ThrottlingException")] * 3
    with serving(answering_in_turn(*answers)) as server, pytest.raises(AwsRefused):
        ask(server.port)

    assert (server.connections, pauses) == (3, [1.0, 2.0])


def test_pauses_are_shortened_at_random(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "random", iter([0.5, 0.25]).__next__)
    answers = [refusal("ThrottlingException")] * 3
    with serving(answering_in_turn(*answers)) as server, pytest.raises(AwsRefused):
        ask(server.port)

    assert pauses == [0.5, 0.5]


def test_each_attempt_is_signed_with_the_key_of_its_moment() -> None:
    keys = iter([Credentials("AKIDONE", "x", None), Credentials("AKIDTWO", "y", None)])
    requests: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        requests.append(read_request(connection))
        connection.sendall(ANSWER if len(requests) == 2 else b"")

    with serving(serve) as server:
        dynamodb(server.port, lambda: next(keys)).call("GetItem")

    assert [b"AKIDONE" in requests[0], b"AKIDTWO" in requests[1]] == [True, True]


# -- whether an attempt may have been executed


def test_without_a_connection_nothing_was_sent() -> None:
    with pytest.raises(AwsUnanswered) as caught:
        ask(closed_port())

    assert not caught.value.sent
    assert str(caught.value) == "AWS did not answer to GetItem: not_connected"


def test_a_lost_answer_may_have_been_executed() -> None:
    with (
        serving(answering_in_turn(b"", b"", b"")) as server,
        pytest.raises(AwsUnanswered) as caught,
    ):
        ask(server.port)

    assert caught.value.sent
    assert server.connections == 3


def test_a_refusal_after_a_lost_answer_says_so() -> None:
    answers = (b"", refusal("ConditionalCheckFailedException"))
    with serving(answering_in_turn(*answers)) as server, pytest.raises(ConditionFailed) as caught:
        ask(server.port)

    assert caught.value.sent


def test_a_plain_refusal_was_not_executed() -> None:
    with (
        serving(answering_in_turn(refusal("ConditionalCheckFailedException"))) as server,
        pytest.raises(ConditionFailed) as caught,
    ):
        ask(server.port)

    assert not caught.value.sent


# -- bounds


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
def test_an_answer_that_comes_too_slowly_ends(
    begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "_CALL_SECONDS", 0.2)
    monkeypatch.setattr(api, "_ATTEMPTS", 1)
    with serving(dripping(begun)) as server, pytest.raises(AwsUnanswered, match="timed_out"):
        ask(server.port)


def test_an_answer_that_is_too_large_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "_MAX_ANSWER_BYTES", len(b'{"Item": {}}') - 1)
    with (
        serving(answering_in_turn(*[ANSWER] * 3)) as server,
        pytest.raises(AwsUnanswered) as caught,
    ):
        ask(server.port)

    assert "too_large" in str(caught.value)
    assert caught.value.sent


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with serving(answering_in_turn(ANSWER)) as other:
        to = http(status, Location=f"http://127.0.0.1:{other.port}/", Connection="close")
        with serving(answering_in_turn(to)) as server, pytest.raises(AwsRefused) as caught:
            ask(server.port)

    assert caught.value.code == str(status)
    assert (server.connections, other.connections) == (1, 0)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'"text"', b'{"a": ', b"\xff{}", NESTED], ids=range(7)
)
def test_only_a_json_object_is_an_answer(body: bytes) -> None:
    answers = [http(200, body, Connection="close")] * 3
    with serving(answering_in_turn(*answers)) as server:
        if not body:
            assert ask(server.port) == {}
            return
        with pytest.raises(AwsUnanswered, match="no JSON object"):
            ask(server.port)


# -- kept connections


@pytest.fixture
def server() -> Iterator[RawServer]:
    """Answers as many requests on a connection as come."""

    def serve(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(http(200, b"{}"))

    with serving(serve) as running:
        yield running


def call_often(server: RawServer, times: int) -> None:
    """Calls over one pool, whose connections end with it: the server would wait for more."""
    kept = dynamodb(server.port)
    for _ in range(times):
        with suppress(AwsRefused):
            kept.call("GetItem")


def test_one_connection_serves_every_call(server: RawServer) -> None:
    call_often(server, 5)

    assert server.connections == 1


def test_a_connection_stays_after_a_refusal() -> None:
    def serve(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(http(400, b'{"__type": "ValidationException"}'))

    with serving(serve) as server:
        call_often(server, 3)

    assert server.connections == 1


def test_a_connection_that_the_server_closed_meanwhile_is_replaced(pauses: list[float]) -> None:
    def serve(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(http(200, b"{}"))

    with serving(serve) as server:
        call_often(server, 3)

    assert server.connections == 3
    assert len(pauses) <= 2


def test_a_connection_that_ends_in_place_of_an_answer_costs_one_attempt() -> None:
    answered = 0

    def serve(connection: socket.socket) -> None:
        nonlocal answered
        while read_request(connection):
            answered += 1
            if answered == 2:
                return
            connection.sendall(http(200, b"{}"))

    with serving(serve) as server:
        call_often(server, 2)

    assert (server.connections, answered) == (2, 3)


# -- what an error says


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ConditionalCheckFailedException", ConditionFailed),
        ("TransactionCanceledException", TransactionCanceled),
        ("ResourceNotFoundException", ResourceMissing),
    ],
)
def test_codes_that_mean_something_to_a_caller_have_a_class(
    code: str, kind: type[AwsRefused]
) -> None:
    fields: dict[str, Any] = {"Item": {"pk": {"S": "stored"}}, "Message": "about stored"}
    with (
        serving(answering_in_turn(refusal(code, **fields))) as server,
        pytest.raises(kind) as caught,
    ):
        ask(server.port)

    assert caught.value.document["Item"] == {"pk": {"S": "stored"}}


def test_a_code_may_come_in_a_header_with_an_address_after_it() -> None:
    answer = http(
        400, b"{}", x_amzn_ErrorType="ValidationException:http://aws.example/", Connection="close"
    )
    with serving(answering_in_turn(answer)) as server, pytest.raises(AwsRefused) as caught:
        ask(server.port)

    assert caught.value.code == "ValidationException"


@pytest.mark.parametrize("code", ["two words", "x" * 65, "", "line\nbreak", "größe"])
def test_a_code_that_is_no_name_is_not_repeated(code: str) -> None:
    with serving(answering_in_turn(refusal(code))) as server, pytest.raises(AwsRefused) as caught:
        ask(server.port)

    assert str(caught.value) == "AWS refused GetItem: 400 unreadable"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"\xff{}", NESTED], ids=range(4))
def test_the_status_stands_for_a_code_that_cannot_be_read(body: bytes) -> None:
    """A proxy may have written the answer."""
    refused = http(403, body, Connection="close")
    with serving(answering_in_turn(refused)) as server, pytest.raises(AwsRefused) as caught:
        ask(server.port)

    assert (caught.value.status, caught.value.code, caught.value.document) == (403, "403", {})


def test_an_error_shows_nothing_of_the_request_or_the_answer() -> None:
    answers = [refusal("ValidationException", Message="secret-message"), *[b""] * 3]
    with serving(answering_in_turn(*answers)) as server:
        for _ in range(2):
            with pytest.raises(AwsError) as caught:
                ask(server.port)
            assert "secret" not in f"{caught.value} {caught.value!r}"
            assert "token" not in f"{caught.value} {caught.value!r}"
            assert caught.value.__cause__ is None
