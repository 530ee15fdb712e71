"""The webhooks in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from liveproof.domain.verification import Decision
from liveproof.webhooks.message import ERASED_TYPE, MAX_BODY_BYTES, TEST_TYPE, DecisionData


def decision_schema(view: dict[str, Any]) -> dict[str, Any]:
    """The body of a decision; `view` is the schema of a GET, which has the same fields."""
    fields = list(DecisionData.__struct_fields__)
    data = {name: view["properties"][name] for name in fields}
    data["redo_of"] = {"type": "string", "description": "Only in the webhook of a redo."}
    data["decision"] = {"enum": [decision.value for decision in Decision]}
    always = [name for name in fields if name != "signals"]
    return {
        "title": "Webhook",
        "description": f"A decision. Compact ASCII JSON of at most {MAX_BODY_BYTES} bytes.",
        "type": "object",
        "properties": {
            "type": {"enum": [f"verification.{decision.value}" for decision in Decision]},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"type": "object", "properties": data, "required": always},
        },
        "required": ["type", "timestamp", "data"],
    }


def erasure_schema(view: dict[str, Any]) -> dict[str, Any]:
    """The body of an erasure: the fields of a decision, of which those of a person are empty."""
    decision = decision_schema(view)
    fields = [name for name in DecisionData.__struct_fields__ if name != "signals"]
    data = {name: view["properties"][name] for name in fields}
    return {
        **decision,
        "title": "WebhookErased",
        "description": "An erasure. `decision` is the one that was taken, null if there was none.",
        "properties": {
            "type": {"enum": [ERASED_TYPE]},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"type": "object", "properties": data, "required": fields},
        },
    }


def test_schema() -> dict[str, Any]:
    """The body of a test."""
    return {
        "title": "WebhookTest",
        "description": "A test, for which the client or an operator asked.",
        "type": "object",
        "properties": {
            "type": {"enum": [TEST_TYPE]},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {
                "type": "object",
                "properties": {"text": {"type": "string"}},
                "required": ["text"],
            },
        },
        "required": ["type", "timestamp", "data"],
    }


def webhook(operation_id: str, summary: str, schema: dict[str, str]) -> dict[str, Any]:
    """The operation of an endpoint; `schema` refers to the body's."""
    headers = {
        "webhook-id": "the same at every attempt of the same message",
        "webhook-timestamp": "whole seconds since 1970, of this attempt",
        "webhook-signature": "`v1,` or `v1a,` and base64; one for each of the endpoint's keys,"
        " with a space between, `v1` last",
        "webhook-attempt": "counts the attempts of a delivery from 1; not signed",
    }
    return {
        "operationId": operation_id,
        "summary": summary,
        "security": [],
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": text,
                "schema": {"type": "string"},
            }
            for name, text in headers.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {
            "2XX": {"description": "Taken; it is not sent again"},
            "410": {"description": "Wanted no more; no further attempt of this delivery"},
            "default": {"description": "Tried again by the schedule"},
        },
    }
