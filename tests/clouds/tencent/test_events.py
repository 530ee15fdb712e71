"""Messages that SCF hands to a function: steps, notifications of COS, the timer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from liveproof.clouds.tencent import events
from liveproof.clouds.tencent.events import MessagesFailed, handle_messages
from liveproof.invocations import Invocation, Message
from liveproof.observability import Metric, logger
from tests.support.memory import MemoryClock

NOW = 1_795_000_000_000
BUCKET, NAME, APPID = "team-1250000000", "team", "1250000000"
ID = "ver_" + "0" * 26
# The last minute of the two is for the step's work.
INVOCATION = Invocation("run_check", "request-1", NOW + 120_000, 117.5)


def notified(key: str, **changes: str) -> dict[str, Any]:
    """A record of COS's notification, as the vendor's documentation shows it."""
    name, appid = changes.get("name", NAME), changes.get("appid", APPID)
    return {
        "cos": {
            "cosSchemaVersion": "1.0",
            "cosObject": {
                "url": "http://team-1250000000.cos.ap-singapore.myqcloud.com/canary",
                "meta": {"x-cos-request-id": "request", "Content-Type": ""},
                "vid": "",
                "key": changes.get("raw", f"/{appid}/{name}/{key}"),
                "size": 1029,
            },
            "cosBucket": {"region": "sg", "name": name, "appid": appid},
            "cosNotificationId": "unkown",
        },
        "event": {
            "eventName": changes.get("event", "cos:ObjectCreated:Put"),
            "eventVersion": "1.0",
            "eventTime": 1545205770,
            "eventSource": "qcs::cos",
            "requestParameters": {"requestHeaders": {"Authorization": "q-signature=canary"}},
        },
    }


class Worker:
    """Handles messages; those with an id or a key in `poison` fail."""

    def __init__(self, *poison: str) -> None:
        self.clock = MemoryClock(NOW)
        self.poison = poison
        self.handled: list[tuple[Message, int]] = []

    def handle(self, message: Message) -> None:
        if {message.verification_id, *message.created_keys} & set(self.poison):
            raise RuntimeError("canary")
        self.handled.append((message, self.clock.now()))

    def take(self, event: Any) -> list[Message]:
        handle_messages(event, INVOCATION, self.handle, clock=self.clock, bucket=BUCKET)
        return [message for message, _ in self.handled]


class Lines(logging.Handler):
    """What is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def log() -> Iterator[list[logging.LogRecord]]:
    lines = Lines()
    logger.addHandler(lines)
    yield lines.records
    logger.handlers.remove(lines)


def test_a_steps_own_message_is_handled_at_once() -> None:
    worker = Worker()

    assert worker.take({"id": ID}) == [Message(verification_id=ID)]
    assert worker.clock.now() == NOW


def test_a_step_for_later_waits_for_its_time() -> None:
    worker = Worker()
    worker.take({"id": ID, "at": NOW + 60_000})

    assert worker.handled == [(Message(verification_id=ID), NOW + 60_000)]


def test_a_step_whose_time_is_over_is_handled_at_once() -> None:
    worker = Worker()
    worker.take({"id": ID, "at": NOW - 5_000})

    assert worker.handled == [(Message(verification_id=ID), NOW)]


def test_a_step_that_would_be_late_for_its_work_is_left_to_the_sweep() -> None:
    worker = Worker()

    assert worker.take({"id": ID, "at": NOW + 60_001}) == []
    assert worker.clock.now() == NOW


def test_a_notification_names_the_new_object_without_its_bucket() -> None:
    key = f"uploads/{ID}/image/abc"

    assert Worker().take({"Records": [notified(key)]}) == [Message(created_keys=(key,))]


def test_only_the_first_prefix_is_the_buckets() -> None:
    key = f"{APPID}/{NAME}/{APPID}/{NAME}/x"
    events = {"Records": [notified(key), notified(f"/{APPID}/{NAME}/x")]}

    assert Worker().take(events) == [
        Message(created_keys=(key,)),
        Message(created_keys=(f"/{APPID}/{NAME}/x",)),
    ]


def test_a_key_is_taken_as_it_is_written() -> None:
    written = ["uploads/a+b", "uploads/a%2Bb%", "uploads/ü"]

    messages = Worker().take({"Records": [notified(key) for key in written]})
    assert [message.created_keys for message in messages] == [(key,) for key in written]


def test_every_way_of_creating_an_object_counts_and_no_other_event() -> None:
    kinds = ["ObjectCreated:Post", "ObjectCreated:CompleteMultipartUpload", "ObjectRemove:Delete"]
    records = [notified(kind, event=f"cos:{kind}") for kind in kinds]

    assert Worker().take({"Records": records}) == [
        Message(created_keys=(kind,)) for kind in kinds[:2]
    ]


@pytest.mark.parametrize("other", [{"name": "other"}, {"appid": "1"}, {"name": "team-1250000000"}])
def test_another_buckets_objects_are_ignored(other: dict[str, str]) -> None:
    assert Worker().take({"Records": [notified("uploads/x", **other)]}) == []


def test_the_timer_has_no_message() -> None:
    event = {"Type": "Timer", "TriggerName": "sweep", "Time": "2026-11-20T11:49:00Z", "Message": ""}

    assert Worker().take(event) == []


def test_the_message_that_fails_does_not_keep_the_others_from_being_handled() -> None:
    worker = Worker("bad")
    event = {"Records": [notified("a"), notified("bad"), {"cos": {}}, notified("b")]}

    with pytest.raises(MessagesFailed, match="2 of 4"):
        worker.take(event)
    assert [message.created_keys for message, _ in worker.handled] == [("a",), ("b",)]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"id": 5},
        {"id": "ver_1"},
        {"id": ID, "at": "soon"},
        {"id": ID, "at": True},
        {"Records": []},
        {"Records": ["text"]},
        ["text"],
        "text",
        None,
        {"key1": "test value 1"},
        {"version": "0", "source": "aws.s3", "detail-type": "Object Created"},
        {"Records": [{}]},
        {"Records": [{**notified("x"), "event": {"eventName": None}}]},
        {"Records": [notified("x", raw="uploads/x")]},
        {"Records": [notified("x", raw=f"/{APPID}/other/x")]},
        {"Records": [{**notified("x"), "cos": "text"}]},
    ],
)
def test_an_event_that_nothing_sends_is_logged_counted_and_an_error(
    event: Any, log: list[logging.LogRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[Metric] = []
    monkeypatch.setattr(events, "count", counted.append)
    worker = Worker()

    with pytest.raises(MessagesFailed):
        worker.take(event)
    assert worker.handled == []
    assert [(line.getMessage(), line.levelname) for line in log] == [("MESSAGE_UNKNOWN", "ERROR")]
    assert counted == [Metric.MESSAGE_UNKNOWN]


def test_a_failure_is_recorded_and_nothing_of_the_event_or_of_the_error(
    log: list[logging.LogRecord],
) -> None:
    with pytest.raises(MessagesFailed) as caught:
        Worker(ID).take({"id": ID})
    with pytest.raises(MessagesFailed):
        Worker("uploads/x").take({"Records": [notified("uploads/x")]})

    assert [line.getMessage() for line in log] == ["MESSAGE_FAILED", "MESSAGE_FAILED"]
    assert vars(log[0])["verification"] == ID
    assert "canary" not in str([vars(line) for line in log])
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_an_ignored_event_is_recorded(log: list[logging.LogRecord]) -> None:
    Worker().take({"Records": [notified("x", appid="1")]})
    Worker().take({"id": ID, "at": NOW + 90_000})

    assert [line.getMessage() for line in log] == ["UPLOAD_IGNORED", "STEP_SKIPPED"]
