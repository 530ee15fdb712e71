"""A webhook receiver behind a Lambda function URL. The handler is `receiver.handler`.

Pack it with the package standardwebhooks. The environment has WEBHOOK_SECRET, and in TABLE the name
of a DynamoDB table whose key is the text `id`. The table's stream starts the work.
"""

from __future__ import annotations

import base64
import os
from typing import Any

import boto3
from standardwebhooks import Webhook, WebhookVerificationError

MOST_BYTES = 16 * 1024  # a webhook has 4 kB at most; a function URL takes 6 MB

webhook = Webhook(os.environ["WEBHOOK_SECRET"])
dynamodb = boto3.client("dynamodb")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Verify the bytes as they came, store the message once, and answer."""
    text = event.get("body", "")
    # A function URL hands over some bodies in base64.
    body = base64.b64decode(text) if event["isBase64Encoded"] else text.encode()
    if len(body) > MOST_BYTES:
        return {"statusCode": 413}
    headers = event["headers"]  # their names are in lower case
    try:
        message = webhook.verify(body, headers)
    except (WebhookVerificationError, ValueError):  # ValueError: no UTF-8, no base64
        return {"statusCode": 401}
    try:
        dynamodb.put_item(
            TableName=os.environ["TABLE"],
            Item={"id": {"S": headers["webhook-id"]}, "message": {"S": body.decode()}},
            ConditionExpression="attribute_not_exists(id)",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return {"statusCode": 204}  # a message may arrive twice
    # Of all types only `verification.passed` is a yes.
    print(message["type"], message["data"].get("reference"), flush=True)
    return {"statusCode": 204}
