"""Lambda's events and answers: HTTP API (payload 2.0) and SQS."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from liveproof.api.http import Request, Response


def http_request(event: dict[str, Any]) -> tuple[str, Request]:
    """The route key and the request of an HTTP API event."""
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    request = Request(
        path_parameters=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        body=raw,
    )
    return event["routeKey"], request


def http_response(response: Response) -> dict[str, Any]:
    """The answer that API Gateway expects of a function."""
    return {
        "statusCode": response.status,
        "headers": response.headers,
        "body": response.body.decode(),
    }


def each_message(
    event: dict[str, Any], context: Any, handle: Callable[[dict[str, Any]], None]
) -> Any:
    """Handle each message of an SQS batch; those that raise come again, the others do not.

    Args:
        handle: takes a message's body as a JSON object.
    """
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

    def record_handler(record: dict[str, Any]) -> None:
        handle(json.loads(record["body"]))

    return process_partial_response(
        event=event, record_handler=record_handler, processor=processor, context=context
    )


def created_keys(message: dict[str, Any]) -> Iterator[str]:
    """The object keys of an S3 notification; none for S3's own test message."""
    for record in message.get("Records", ()):
        if record["eventName"].startswith("ObjectCreated:"):
            yield unquote_plus(record["s3"]["object"]["key"])


def deadline(context: Any, now: int) -> int:
    """When the function is stopped, ms since 1970."""
    return now + int(context.get_remaining_time_in_millis())
