"""The Python client's requests: what is sent, what an answer becomes, what is tried again."""

from __future__ import annotations

import json
import pickle
import socket
from typing import Any

import pytest

from liveproof_client import ApiError, Liveproof, LiveproofError, NoAnswerError, UploadError
from tests.clients.python.conftest import Ask, FastClock
from tests.clients.python.server import Reply, Server, answered, problem
from tools import ROOT

BODY = {"check": "photo", "inputs": {"image": {"md5": "0" * 32, "size": 1, "content_type": "a/b"}}}
OPERATIONS = {
    "create_verification": ("create", (BODY,)),
    "list_verifications": ("list_page", ()),
    "renew_verification": ("renew_uploads", ("ver_1",)),
    "get_verification": ("get", ("ver_1",)),
    "delete_verification": ("erase", ("ver_1",)),
    "get_evidence": ("evidence", ("ver_1",)),
    "resend_verification": ("resend", ("ver_1",)),
    "resend_deliveries": ("resend_range", ({"since": "2026-01-01T00:00:00Z"},)),
    "create_reflect_sequence": ("create_reflect_sequence", ({"device_data": "{}"},)),
    "get_webhook_health": ("webhook_health", ()),
    "test_webhook": ("test_webhook", ()),
    "list_webhook_keys": ("webhook_keys", ()),
}
ONCE = {"resend", "test_webhook"}
"""What would happen twice if it were repeated."""


def operations() -> dict[str, tuple[str, str]]:
    document = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    return {
        operation["operationId"]: (method.upper(), path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def test_every_operation_of_the_openapi_document_is_a_method() -> None:
    assert OPERATIONS.keys() == operations().keys()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_method_sends_its_operation_with_the_key_and_returns_the_answer(
    operation: str, ask: Ask, server: Server
) -> None:
    method, arguments = OPERATIONS[operation]
    server.replies.append(answered({"id": "ver_1", "new": True}))
    assert ask(method, *arguments) == {"id": "ver_1", "new": True}
    (request,) = server.received
    verb, path = operations()[operation]
    assert (request.method, request.path) == (verb, path.replace("{id}", "ver_1"))
    assert request.headers["authorization"] == "Bearer lp_key"
    if arguments and not isinstance(arguments[0], str):
        assert json.loads(request.body) == arguments[0]
        assert request.headers["content-type"] == "application/json"
    else:
        assert request.body == b""


def test_a_problem_becomes_an_error_with_its_code_and_field(ask: Ask, server: Server) -> None:
    document = {"title": "T", "detail": "too large", "code": "invalid_request", "field": "inputs"}
    server.replies.append(answered(document, 400))
    with pytest.raises(ApiError) as raised:
        ask("create", BODY)
    error = raised.value
    assert (error.code, error.status, error.field) == ("invalid_request", 400, "inputs")
    assert str(error) == "HTTP 400 invalid_request: inputs too large"
    assert error.problem == document
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("reply", "code", "detail"),
    [
        (answered({"message": "Not Found"}, 404), "platform", "Not Found"),
        (answered({"errorMessage": "gone"}, 400), "platform", "gone"),
        (Reply(200, b"<html>"), "invalid_answer", "the answer is not a JSON object"),
        (Reply(302, b"", {"Location": "http://127.0.0.1:1/"}), "platform", "not a problem"),
    ],
)
def test_an_answer_that_is_no_document_of_the_api_says_so(
    reply: Reply, code: str, detail: str, ask: Ask, server: Server
) -> None:
    server.replies.append(reply)
    with pytest.raises(ApiError, match=detail) as raised:
        ask("get", "ver_1")
    assert raised.value.code == code
    assert len(server.received) == 1  # no redirect was followed


@pytest.mark.parametrize("reply", [Reply(200, b"[" * 100_000), Reply(400, b"[" * 100_000)])
def test_brackets_without_end_are_no_document_of_the_api(
    reply: Reply, ask: Ask, server: Server
) -> None:
    server.replies.append(reply)
    with pytest.raises(ApiError):
        ask("get", "ver_1")


def test_an_answer_that_cannot_be_decompressed_is_no_answer(ask: Ask, server: Server) -> None:
    server.replies += [Reply(200, b"no gzip", {"Content_Encoding": "gzip"}), answered({"id": "v"})]
    assert ask("get", "v") == {"id": "v"}


@pytest.mark.parametrize("key", ["a\nb", "ö", " a"])
def test_an_idempotency_key_that_no_header_can_have_is_a_mistake(
    key: str, ask: Ask, server: Server, clock: FastClock
) -> None:
    with pytest.raises(ValueError, match="idempotency_key must be"):
        ask("create", BODY, idempotency_key=key)
    assert (server.received, clock.pauses) == ([], [])


@pytest.mark.parametrize("url", ["https://user:pass@api", "https://api?x=1", "https://api#x"])
def test_an_address_with_more_than_an_address_is_a_mistake(url: str) -> None:
    with pytest.raises(ValueError, match="must have no user") as raised:
        Liveproof(url, "lp_key")
    assert "pass" not in str(raised.value)


@pytest.mark.parametrize(
    "error",
    [
        ApiError("not_found", 404, "none", {"field": "id"}, 3.0),
        NoAnswerError("timed_out", "there was no answer"),
        UploadError("network", "the bucket did not answer", 503, "SlowDown"),
    ],
)
def test_an_error_reaches_the_parent_of_a_worker_process(error: LiveproofError) -> None:
    arrived = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(arrived) is type(error)
    assert (str(arrived), vars(arrived)) == (str(error), vars(error))


def test_waiting_for_a_decision_ends_in_time_although_the_api_is_down(
    ask: Ask, server: Server, clock: FastClock
) -> None:
    server.replies += [problem(500, "internal_error")] * 100
    with pytest.raises((ApiError, NoAnswerError)):
        ask("wait_for_decision", "ver_1", 5)
    assert clock.now() <= 5


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("reply", [problem(500, "internal_error"), Reply(breaks=True)])
def test_only_an_idempotent_request_is_retried_when_its_outcome_is_unknown(
    operation: str, reply: Reply, ask: Ask, server: Server, clock: FastClock
) -> None:
    method, arguments = OPERATIONS[operation]
    server.replies += [reply, answered({"id": "ver_1"})]
    if method in ONCE:
        with pytest.raises((ApiError, NoAnswerError)):
            ask(method, *arguments)
        assert clock.pauses == []
    else:
        assert ask(method, *arguments) == {"id": "ver_1"}
        (pause,) = clock.pauses
        assert 0.125 <= pause <= 0.25


def test_a_range_that_is_really_sent_is_not_sent_again(ask: Ask, server: Server) -> None:
    server.replies.append(Reply(breaks=True))
    with pytest.raises(NoAnswerError):
        ask("resend_range", {"since": "2026-01-01T00:00:00Z", "dry_run": False})


def test_the_attempts_of_a_create_have_one_idempotency_key(ask: Ask, server: Server) -> None:
    server.replies += [Reply(breaks=True), problem(500, "internal_error"), answered({"id": "v"})]
    ask("create", BODY)
    keys = {request.headers["idempotency-key"] for request in server.received}
    assert len(server.received) == 3
    assert len(keys) == 1
    ask("create", BODY, idempotency_key="order-1")
    assert server.received[-1].headers["idempotency-key"] == "order-1"


def test_retry_after_is_honoured_even_for_requests_that_are_not_idempotent(
    ask: Ask, server: Server, clock: FastClock
) -> None:
    server.replies += [problem(429, "too_soon", Retry_After="7"), answered({"accepted": True})]
    assert ask("test_webhook") == {"accepted": True}
    assert clock.pauses == [7.0]


def test_a_pause_beyond_the_total_time_is_not_waited_for(
    ask: Ask, server: Server, clock: FastClock
) -> None:
    server.replies.append(problem(503, "vendor_busy", Retry_After="3600"))
    with pytest.raises(ApiError) as raised:
        ask("create_reflect_sequence", {"device_data": "{}"})
    assert raised.value.retry_after == 3600
    assert clock.pauses == []


def test_attempts_end_with_the_total_time(ask: Ask, server: Server, clock: FastClock) -> None:
    server.replies += [problem(500, "internal_error")] * 100
    # The last attempt may have too little time left for an answer of a busy machine.
    with pytest.raises((ApiError, NoAnswerError)):
        ask("get", "ver_1")
    assert sum(clock.pauses) <= 60
    assert 9 <= len(server.received) <= 25


def test_an_answer_without_end_is_cut_off(ask: Ask, server: Server) -> None:
    server.replies.append(Reply(200, b" " * (9 * 1024 * 1024)))
    with pytest.raises(NoAnswerError) as raised:
        ask("get", "ver_1")
    assert raised.value.code == "answer_too_large"
    assert len(server.received) == 1


def test_a_server_that_is_silent_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        client = Liveproof(url, "k", attempt_seconds=0.05, total_seconds=0.1)
        with client, pytest.raises(NoAnswerError) as raised:
            client.get("ver_1")
    assert raised.value.code == "timed_out"


def test_a_list_goes_through_its_pages(ask: Ask, server: Server) -> None:
    server.replies += [
        answered({"verifications": [{"id": "ver_2"}], "next_cursor": "ver_2"}),
        answered({"verifications": [{"id": "ver_1"}], "next_cursor": None}),
    ]
    seen: list[Any] = ask("list_all", status="decided", erased=False)
    assert [verification["id"] for verification in seen] == ["ver_2", "ver_1"]
    first, second = (request.path for request in server.received)
    assert first == "/v1/verifications?status=decided&erased=false&limit=100"
    assert second == f"{first}&cursor=ver_2"


def test_a_decision_is_waited_for(ask: Ask, server: Server, clock: FastClock) -> None:
    undecided = answered({"decision": None, "erasure": None})
    server.replies += [undecided, undecided, answered({"decision": "passed", "erasure": None})]
    assert ask("wait_for_decision", "ver_1", 60)["decision"] == "passed"
    assert clock.pauses == [2.0, 2.0]
    server.replies += [undecided] * 9
    with pytest.raises(NoAnswerError, match="no decision within 5 seconds"):
        ask("wait_for_decision", "ver_1", 5)


@pytest.mark.parametrize(
    ("url", "key"),
    [("example.org", "k"), ("ftp://x", "k"), ("https://x", ""), ("https://x", "a b")],
)
def test_an_address_or_a_key_that_cannot_be_one_is_refused(url: str, key: str) -> None:
    with pytest.raises(ValueError, match=r"url|api_key"):
        Liveproof(url, key)


def test_an_id_cannot_leave_its_place_in_the_path(ask: Ask, server: Server) -> None:
    ask("get", "../x?y")
    assert server.received[0].path == "/v1/verifications/..%2Fx%3Fy"
