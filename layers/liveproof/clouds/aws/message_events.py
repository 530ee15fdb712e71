"""Lambda's SQS events, S3's notifications inside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from liveproof.observability import Event, record_failure
from liveproof.runtime import Invocation, Message


def each_message(
    event: dict[str, Any], invocation: Invocation, handle: Callable[[Message], None]
) -> Any:
    """Handle each message of an SQS batch; those that raise come again, the others do not."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

    def record_handler(record: dict[str, Any]) -> None:
        body = json.loads(record["body"])
        message = Message(body.get("id"), tuple(_created_keys(body)))
        try:
            handle(message)
        except Exception as error:
            record_failure(Event.MESSAGE_FAILED, error, verification=message.verification_id)
            raise

    return process_partial_response(event=event, record_handler=record_handler, processor=processor)


def _created_keys(body: dict[str, Any]) -> Iterator[str]:
    """The object keys of an S3 notification; none for S3's own test message."""
    for record in body.get("Records", ()):
        if record["eventName"].startswith("ObjectCreated:"):
            yield unquote_plus(record["s3"]["object"]["key"])
