"""Lambda's SQS events: a step's own message, or S3's notifications.

Source of their shape: Amazon S3 User Guide, "Event message structure".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote_plus

from liveproof import observability
from liveproof.domain.ids import is_verification_id
from liveproof.invocations import Invocation, Message, UnknownMessage
from liveproof.observability import Event, Metric, trace_context, wide_event
from liveproof.ports import Clock

_CREATED = "ObjectCreated:"


def handle_messages(
    event: dict[str, Any],
    invocation: Invocation,
    handle: Callable[[Message], None],
    *,
    clock: Clock,
    bucket: str,
) -> Any:
    """Handle each message of an SQS batch; those that fail are delivered again, the others are not.

    A message that no part of the deployment sends fails, until SQS moves it to the dead-letter
    queue. Neither clock nor deadline matters: SQS delays messages, and Lambda's timeout ends a run.
    """
    failed = [
        {"itemIdentifier": record["messageId"]}
        for record in event["Records"]
        if not _is_handled(record["body"], handle, bucket)
    ]
    return {"batchItemFailures": failed}


def _is_handled(body: str, handle: Callable[[Message], None], bucket: str) -> bool:
    message = Message()
    try:
        message = read_message(body, bucket)
        if message != Message():
            handle(message)
    except UnknownMessage as unknown:
        observability.record_failure(Event.MESSAGE_UNKNOWN, unknown)
        observability.count(Metric.MESSAGE_UNKNOWN)
        wide_event.current().add("failed_messages")
        return False
    except Exception as error:  # noqa: BLE001 - whatever it is, the message comes again
        observability.record_failure(
            Event.MESSAGE_FAILED, error, verification=message.verification_id
        )
        wide_event.current().add("failed_messages")
        return False
    return True


def read_message(body: str, bucket: str) -> Message:
    """The message in an SQS message's body; empty if there is nothing to do.

    Args:
        bucket: the deployment's; notifications of other buckets are ignored.

    Raises:
        UnknownMessage: the body is neither a step's message nor S3's.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise UnknownMessage("the message is not JSON") from None
    if not isinstance(document, dict):
        raise UnknownMessage("the message is no JSON object")
    _refuse_wrapped(document)
    if "id" in document:
        traceparent = document.get(trace_context.FIELD)
        return Message(
            verification_id=_verification_id(document["id"]),
            traceparent=traceparent if isinstance(traceparent, str) else None,
        )
    if document.get("Event") == "s3:TestEvent":
        owner = "own" if document.get("Bucket") == bucket else "other"
        observability.record(Event.BUCKET_CONNECTED, bucket=owner)
        return Message()
    if isinstance(document.get("Records"), list):
        return Message(created_keys=tuple(_created_keys(document["Records"], bucket)))
    raise UnknownMessage("the message is neither a step's nor a notification of S3")


def _verification_id(value: object) -> str:
    if isinstance(value, str) and is_verification_id(value):
        return value
    raise UnknownMessage("a step's message has no verification's id")


def _created_keys(records: list[Any], bucket: str) -> Iterator[str]:
    """The decoded keys of new objects in the bucket."""
    if not records:
        raise UnknownMessage("a notification of S3 has no record")
    for record in records:
        try:
            created = record["eventName"].startswith(_CREATED)
            name = record["s3"]["bucket"]["name"]
            key = unquote_plus(record["s3"]["object"]["key"])
        except (KeyError, TypeError, AttributeError):
            raise UnknownMessage(
                "a notification of S3 lacks its event's name, bucket or key"
            ) from None
        if created and name == bucket:
            yield key
        else:
            observability.record(Event.UPLOAD_IGNORED)


def _refuse_wrapped(document: dict[str, Any]) -> None:
    """Refuse a notification inside another service's event, whose `id` would pass for a step's."""
    if "TopicArn" in document and "Message" in document:
        raise UnknownMessage(
            "SNS's wrapping is not understood: switch raw message delivery on, or do without SNS"
        )
    if "detail-type" in document:
        raise UnknownMessage(
            "EventBridge's events are not understood: let the bucket notify the queue itself"
        )
