"""Lambda's SQS events: a step's own message, or S3's notifications.

Source of their shape: Amazon S3 User Guide, "Event message structure".
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from liveproof import observability
from liveproof.domain.ids import is_verification_id
from liveproof.invocations import Invocation, Message, UnknownMessage
from liveproof.observability import Event, Metric

_CREATED = "ObjectCreated:"


def each_message(
    event: dict[str, Any], invocation: Invocation, handle: Callable[[Message], None]
) -> Any:
    """Handle each message of an SQS batch; those that raise come again, the others do not.

    A message that nothing of the deployment sends comes again too, until it is in the queue's
    dead-letter queue.
    """
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    bucket = os.environ.get("LIVEPROOF_BUCKET", "")

    def record_handler(record: dict[str, Any]) -> None:
        message = Message()
        try:
            message = message_of(record["body"], bucket)
            if message != Message():
                handle(message)
        except UnknownMessage as unknown:
            observability.record_failure(Event.MESSAGE_UNKNOWN, unknown)
            observability.count(Metric.MESSAGE_UNKNOWN)
            raise
        except Exception as error:
            observability.record_failure(
                Event.MESSAGE_FAILED, error, verification=message.verification_id
            )
            raise

    return process_partial_response(event=event, record_handler=record_handler, processor=processor)


def message_of(body: str, bucket: str) -> Message:
    """What an SQS message asks for; empty if it asks for nothing.

    Args:
        bucket: the deployment's; other buckets' notifications are ignored.

    Raises:
        UnknownMessage: it is neither a step's message nor S3's.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise UnknownMessage("the message is not JSON") from None
    if not isinstance(document, dict):
        raise UnknownMessage("the message is no JSON object")
    _refuse_wrapped(document)
    if "id" in document:
        return Message(verification_id=_verification_id(document["id"]))
    if document.get("Event") == "s3:TestEvent":
        owner = "own" if document.get("Bucket") == bucket else "other"
        observability.record(Event.BUCKET_CONNECTED, bucket=owner)
        return Message()
    if isinstance(document.get("Records"), list):
        return Message(created_keys=tuple(_created_keys(document["Records"], bucket)))
    raise UnknownMessage("the message is neither a step's nor a notification of S3")


def _verification_id(found: object) -> str:
    if isinstance(found, str) and is_verification_id(found):
        return found
    raise UnknownMessage("a step's message has no verification's id")


def _created_keys(records: list[Any], bucket: str) -> Iterator[str]:
    """The keys of new objects in the bucket, as the bucket has them."""
    if not records:
        raise UnknownMessage("a notification of S3 has no record")
    for notified in records:
        try:
            created = notified["eventName"].startswith(_CREATED)
            name = notified["s3"]["bucket"]["name"]
            key = unquote_plus(notified["s3"]["object"]["key"])
        except (KeyError, TypeError, AttributeError):
            raise UnknownMessage(
                "a notification of S3 lacks its event's name, bucket or key"
            ) from None
        if created and name == bucket:
            yield key
        else:
            observability.record(Event.UPLOAD_IGNORED)


def _refuse_wrapped(document: dict[str, Any]) -> None:
    """Say what wraps a notification, before a wrapping's own `id` is taken for a step's."""
    if "TopicArn" in document and "Message" in document:
        raise UnknownMessage(
            "SNS's wrapping is not understood: switch raw message delivery on, or do without SNS"
        )
    if "detail-type" in document:
        raise UnknownMessage(
            "EventBridge's events are not understood: let the bucket notify the queue itself"
        )
