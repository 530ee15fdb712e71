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


def each_message(
    event: dict[str, Any], context: Any, handle: Callable[[dict[str, Any]], None]
) -> Any:
    """Handle each message of an SQS batch; those that raise come again, the others do not.

    Args:
        handle: takes a message's body as a JSON object.
    """
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

    def record_handler(record: dict[str, Any]) -> None:
        message = json.loads(record["body"])
        try:
            handle(message)
        except Exception as error:
            record_failure(Event.MESSAGE_FAILED, error, verification=message.get("id"))
            raise

    return process_partial_response(
        event=event, record_handler=record_handler, processor=processor, context=context
    )


def created_keys(message: dict[str, Any]) -> Iterator[str]:
    """The object keys of an S3 notification; none for S3's own test message."""
    for record in message.get("Records", ()):
        if record["eventName"].startswith("ObjectCreated:"):
            yield unquote_plus(record["s3"]["object"]["key"])
