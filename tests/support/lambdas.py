"""The deployed functions in process: their handlers, wired to a mocked AWS account."""

from __future__ import annotations

import hashlib
import importlib
import json
from dataclasses import dataclass
from typing import Any

from liveproof.clouds.aws.clients import Clients

FUNCTIONS = (
    "api",
    "create_reflect_sequence",
    "create_upload",
    "delete_verification",
    "deliver_result",
    "erase",
    "read_verification",
    "resend_result",
    "run_check",
    "sweep",
    "verify_upload",
    "webhooks",
)


@dataclass
class Context:
    """Lambda's context."""

    function_name: str
    aws_request_id: str = "request-1"
    seconds: int = 120

    def get_remaining_time_in_millis(self) -> int:
        return self.seconds * 1000


def invoke(function: str, event: dict[str, Any]) -> Any:
    """Run a function's handler, as Lambda would."""
    handler = importlib.import_module(f"functions.{function}.handler").handler
    return handler(event, Context(function))


def http_event(route: str, api_key: str | None, **changes: Any) -> dict[str, Any]:
    """An HTTP API event (payload 2.0)."""
    headers = {} if api_key is None else {"authorization": f"Bearer {api_key}"}
    return {"version": "2.0", "routeKey": route, "headers": headers, **changes}


def sqs_event(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """An SQS event of received messages."""
    records = [
        {"messageId": m["MessageId"], "body": m["Body"], "eventSource": "aws:sqs"} for m in messages
    ]
    return {"Records": records}


def received(clients: Clients, queue: str) -> list[dict[str, Any]]:
    """Every message that may be received now; takes them."""
    url = clients.sqs.call("GetQueueUrl", QueueName=queue)["QueueUrl"]
    bodies: list[dict[str, Any]] = []
    while True:
        batch = clients.sqs.call("ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10)
        messages = batch.get("Messages", [])
        if not messages:
            return bodies
        for message in messages:
            clients.sqs.call("DeleteMessage", QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            bodies.append(dict(message))


def put_secrets(
    clients: Clients, *, api_key: str, webhook_url: str, webhook_secret: str, vendor: dict[str, str]
) -> dict[str, str]:
    """Create the deployment's secrets; their names as environment variables."""
    client = {"keys_sha256": [hashlib.sha256(api_key.encode()).hexdigest()]}
    endpoint = {"url": webhook_url, "secrets": [webhook_secret]}
    documents: dict[str, object] = {
        "API_KEYS": {"clients": {"shop": client}},
        "WEBHOOKS": {"endpoints": {"shop": endpoint}},
        "VENDOR_KEY": vendor,
        "SENSEID_KEY": {"key": "k" * 32, "iv": "i" * 12},
    }
    names = {}
    for name, document in documents.items():
        made = clients.secretsmanager.call(
            "CreateSecret", Name=name, SecretString=json.dumps(document)
        )
        names[f"LIVEPROOF_{name}_SECRET"] = made["ARN"]
    return names
