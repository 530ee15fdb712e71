"""Lambda's events."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from liveproof.api.http import Response
from liveproof.clouds.aws.http_events import http_request, http_response
from liveproof.clouds.aws.message_events import each_message
from liveproof.clouds.aws.runtime import invocation
from liveproof.runtime import Invocation, Message

INVOCATION = Invocation("verify_upload", "request-1", 0, 60.0)


def http_event(**changes: Any) -> dict[str, Any]:
    return {"version": "2.0", "routeKey": "POST /v1/verifications", "headers": {}, **changes}


def test_an_http_event_becomes_a_request() -> None:
    request = http_request(
        http_event(
            routeKey="POST /v1/verifications/{id}/uploads",
            rawPath="/stage/v1/verifications/ver_1/uploads",
            headers={"Authorization": "Bearer x", "idempotency-key": "k"},
            pathParameters={"id": "ver_1"},
            queryStringParameters={"limit": "3"},
            body="{}",
            isBase64Encoded=False,
        )
    )

    assert (request.method, request.path) == ("POST", "/v1/verifications/ver_1/uploads")
    assert request.headers == {"authorization": "Bearer x", "idempotency-key": "k"}
    assert request.query == {"limit": "3"}
    assert request.body == b"{}"


def test_a_body_in_base64_is_decoded() -> None:
    raw = b'{"reference": "\xc3\xbc"}\xff'
    event = http_event(body=base64.b64encode(raw).decode(), isBase64Encoded=True)

    assert http_request(event).body == raw


def test_what_an_event_leaves_out_is_empty() -> None:
    request = http_request({"routeKey": "GET /v1/verifications"})

    assert (request.body, request.query, request.headers) == (b"", {}, {})


def test_neither_body_nor_urls_appear_in_a_requests_text() -> None:
    request = http_request(http_event(body="canary"))

    assert "canary" not in repr(request)
    assert "canary" not in repr(Response(200, b"canary", {}))


def test_an_answer_is_what_api_gateway_expects() -> None:
    answer = http_response(Response(201, b'{"a":"\xc3\xbc"}', {"Content-Type": "x/y"}))

    assert answer == {"statusCode": 201, "headers": {"Content-Type": "x/y"}, "body": '{"a":"ü"}'}


def sqs_event(*bodies: str) -> dict[str, Any]:
    records = [
        {"messageId": f"message-{number}", "body": body, "eventSource": "aws:sqs"}
        for number, body in enumerate(bodies)
    ]
    return {"Records": records}


def returned(answer: Any) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_a_batch_without_trouble_returns_nothing() -> None:
    seen: list[Message] = []
    answer = each_message(sqs_event('{"id": "a"}', '{"id": "b"}'), INVOCATION, seen.append)

    assert returned(answer) == []
    assert seen == [Message("a"), Message("b")]


def test_a_poisoned_message_returns_alone() -> None:
    seen: list[str | None] = []

    def handle(message: Message) -> None:
        if message.verification_id == "bad":
            raise RuntimeError("poison")
        seen.append(message.verification_id)

    answer = each_message(
        sqs_event('{"id": "a"}', '{"id": "bad"}', "no json", '{"id": "b"}'), INVOCATION, handle
    )

    assert seen == ["a", "b"]
    assert returned(answer) == ["message-1", "message-2"]


def test_a_batch_that_fails_as_a_whole_is_returned_as_a_whole() -> None:
    def handle(message: Message) -> None:
        raise RuntimeError("poison")

    answer = each_message(sqs_event('{"id": "a"}', '{"id": "b"}'), INVOCATION, handle)

    assert returned(answer) == ["message-0", "message-1"]


def notification(*keys: str, event: str = "ObjectCreated:Put") -> dict[str, Any]:
    return {
        "Records": [
            {"eventName": event, "s3": {"bucket": {"name": "b"}, "object": {"key": key}}}
            for key in keys
        ]
    }


def created_keys(message: dict[str, Any]) -> tuple[str, ...]:
    """The keys that a message of the bucket's queue is handled with."""
    seen: list[Message] = []
    assert returned(each_message(sqs_event(json.dumps(message)), INVOCATION, seen.append)) == []
    (only,) = seen
    return only.created_keys


def test_keys_are_decoded_as_s3_encodes_them() -> None:
    keys = created_keys(notification("uploads/a+b/c%2Bd/e%2Ff%25", "uploads/%C3%BC"))

    assert keys == ("uploads/a b/c+d/e/f%", "uploads/ü")


def test_other_events_and_s3s_test_message_have_no_keys() -> None:
    assert created_keys(notification("a", event="ObjectRemoved:Delete")) == ()
    assert created_keys({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}) == ()
    assert created_keys({"id": "ver_1"}) == ()


def test_every_way_of_creating_an_object_counts() -> None:
    for event in ("ObjectCreated:Put", "ObjectCreated:CompleteMultipartUpload"):
        assert created_keys(notification("a", event=event)) == ("a",)


def test_the_deadline_is_now_and_what_lambda_has_left() -> None:
    class Context:
        function_name = "run_check"
        aws_request_id = "request-1"

        def get_remaining_time_in_millis(self) -> int:
            return 1500

    before = time.time_ns() // 1_000_000
    seen = invocation(Context())
    after = time.time_ns() // 1_000_000

    assert (seen.function, seen.request_id) == ("run_check", "request-1")
    assert before + 1500 <= seen.deadline <= after + 1500
