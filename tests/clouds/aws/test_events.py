"""Messages that SQS hands to Lambda."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from liveproof import observability
from liveproof.clouds.aws import runtime
from liveproof.clouds.aws.events import handle_messages
from liveproof.invocations import Invocation, Message
from liveproof.observability import Metric
from liveproof.runtime import step_function
from tests.support.deployment import Deployment
from tests.support.lambdas import Context
from tests.support.memory import MemoryClock

INVOCATION = Invocation("verify_upload", "request-1", 0, 60.0)
BUCKET = "uploads-bucket"


@pytest.fixture(autouse=True)
def every_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Metric]:
    """The metrics that are counted."""
    metrics: list[Metric] = []
    monkeypatch.setattr(observability, "count", metrics.append)
    return metrics


def verification(number: int) -> str:
    return f"ver_{number:026}"


def message(number: int) -> str:
    """A step's own message."""
    return json.dumps({"id": verification(number)})


def sqs_event(*bodies: str) -> dict[str, Any]:
    records = [
        {"messageId": f"message-{number}", "body": body, "eventSource": "aws:sqs"}
        for number, body in enumerate(bodies)
    ]
    return {"Records": records}


def take(event: dict[str, Any], handle: Callable[[Message], None]) -> Any:
    return handle_messages(event, INVOCATION, handle, clock=MemoryClock(), bucket=BUCKET)


def returned(answer: Any) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_a_batch_without_trouble_returns_nothing() -> None:
    seen: list[Message] = []
    answer = take(sqs_event(message(1), message(2)), seen.append)

    assert returned(answer) == []
    assert seen == [Message(verification(1)), Message(verification(2))]


def test_a_poisoned_message_returns_alone() -> None:
    seen: list[str | None] = []

    def handle(message: Message) -> None:
        if message.verification_id == verification(2):
            raise RuntimeError("poison")
        seen.append(message.verification_id)

    event = sqs_event(message(1), message(2), "no json", message(3))
    answer = take(event, handle)

    assert seen == [verification(1), verification(3)]
    assert returned(answer) == ["message-1", "message-2"]


def test_a_batch_that_fails_as_a_whole_is_returned_as_a_whole() -> None:
    def handle(message: Message) -> None:
        raise RuntimeError("poison")

    answer = take(sqs_event(message(1), message(2)), handle)

    assert returned(answer) == ["message-0", "message-1"]


def notification(*keys: str, event: str = "ObjectCreated:Put") -> dict[str, Any]:
    return {
        "Records": [
            {"eventName": event, "s3": {"bucket": {"name": BUCKET}, "object": {"key": key}}}
            for key in keys
        ]
    }


def created_keys(document: dict[str, Any]) -> tuple[str, ...]:
    """The keys that a message of the bucket's queue is handled with."""
    seen: list[Message] = []
    assert returned(take(sqs_event(json.dumps(document)), seen.append)) == []
    return tuple(key for message in seen for key in message.created_keys)


def test_keys_are_decoded_as_s3_encodes_them() -> None:
    keys = created_keys(notification("uploads/a+b/c%2Bd/e%2Ff%25", "uploads/%C3%BC"))

    assert keys == ("uploads/a b/c+d/e/f%", "uploads/ü")


def test_other_events_and_other_buckets_have_no_keys_and_leave_a_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    other = notification("a")
    other["Records"][0]["s3"]["bucket"]["name"] = "other"

    assert created_keys(notification("a", event="ObjectRemoved:Delete")) == ()
    assert created_keys(other) == ()
    assert [line.message for line in caplog.records] == ["UPLOAD_IGNORED", "UPLOAD_IGNORED"]


def test_s3s_test_message_is_taken_with_a_line(caplog: pytest.LogCaptureFixture) -> None:
    event = {
        "Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-11-20T09:30:00.000Z",
        "Bucket": BUCKET, "RequestId": "canary", "HostId": "canary",
    }  # fmt: skip

    assert created_keys(event) == ()
    assert created_keys({**event, "Bucket": "other"}) == ()
    assert [line.message for line in caplog.records] == ["BUCKET_CONNECTED", "BUCKET_CONNECTED"]
    assert [vars(line)["bucket"] for line in caplog.records] == ["own", "other"]


RECORD = notification("canary")["Records"][0]
SNS = {"Type": "Notification", "TopicArn": "arn:canary", "Message": json.dumps(notification("x"))}
EVENTBRIDGE = {
    "version": "0", "id": "17793124-05d4-b198-2fde-7ededc63b103", "source": "aws.s3",
    "detail-type": "Object Created",
    "detail": {"bucket": {"name": BUCKET}, "object": {"key": "canary"}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (json.dumps(SNS), "SNS"),
        (json.dumps(EVENTBRIDGE), "EventBridge"),
        ("canary", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no JSON object"),
        ('"canary"', "no JSON object"),
        ("{}", "neither"),
        ('{"Event": "s3:Canary"}', "neither"),
        ('{"Records": "canary"}', "neither"),
        ('{"Records": []}', "no record"),
        ('{"Records": ["canary"]}', "lacks"),
        ('{"Records": [{"eventName": "ObjectCreated:Put"}]}', "lacks"),
        (json.dumps({"Records": [{**RECORD, "eventName": None}]}), "lacks"),
        (json.dumps({"Records": [{**RECORD, "s3": {"bucket": {"name": BUCKET}}}]}), "lacks"),
        (json.dumps({"Records": [{**RECORD, "s3": {"object": {"key": "canary"}}}]}), "lacks"),
        ('{"id": 5}', "verification's id"),
        ('{"id": "canary"}', "verification's id"),
        ('{"id": null}', "verification's id"),
    ],
)
def test_a_message_that_nothing_sends_is_logged_counted_and_left_to_the_dead_letter_queue(
    body: str, detail: str, caplog: pytest.LogCaptureFixture, counted: list[Metric]
) -> None:
    """These were acknowledged without a line, and what they told of was found 15 minutes later."""
    seen: list[Message] = []
    answer = take(sqs_event(message(1), body, message(2)), seen.append)

    assert returned(answer) == ["message-1"]
    assert seen == [Message(verification(1)), Message(verification(2))]
    (line,) = caplog.records
    assert (line.message, line.levelname) == ("MESSAGE_UNKNOWN", "ERROR")
    assert detail in vars(line)["detail"]
    assert "canary" not in str(vars(line))
    assert counted == [Metric.MESSAGE_UNKNOWN]


def test_good_records_of_a_notification_with_a_bad_one_come_again_with_it() -> None:
    """Copies of an event change nothing, so the whole message may be sent back."""
    seen: list[Message] = []
    document = {"Records": [RECORD, {"eventName": "ObjectCreated:Put"}]}

    answer = take(sqs_event(json.dumps(document)), seen.append)
    assert (returned(answer), seen) == (["message-0"], [])


def test_a_notification_to_a_step_that_takes_none_is_unknown(
    caplog: pytest.LogCaptureFixture, counted: list[Metric], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEPROOF_CLOUD", "aws")
    monkeypatch.setattr(runtime, "dependencies", lambda context: Deployment().dependencies)
    handler = step_function(lambda dependencies, verification_id, deadline: None)

    answer = handler(sqs_event(json.dumps(notification("a"))), Context("run_check"))
    assert returned(answer) == ["message-0"]
    lines = {line.message: vars(line) for line in caplog.records}
    assert "takes no bucket events" in lines["MESSAGE_UNKNOWN"]["detail"]
    assert counted == [Metric.MESSAGE_UNKNOWN]


def test_every_way_of_creating_an_object_counts() -> None:
    for event in ("ObjectCreated:Put", "ObjectCreated:CompleteMultipartUpload"):
        assert created_keys(notification("a", event=event)) == ("a",)
