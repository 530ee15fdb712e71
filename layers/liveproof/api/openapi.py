"""The OpenAPI 3.1 document of the HTTP API, built from the route table and the bodies' types.

No deployed function imports this module: `python -m tools.docs` writes docs/openapi.json with it,
and a test compares the two.
"""

from __future__ import annotations

import re
from enum import Enum
from inspect import cleandoc
from typing import Any

import msgspec

from liveproof import __version__, facts
from liveproof.api.http import IDEMPOTENCY_KEY_PATTERN, MAX_IDEMPOTENCY_KEY
from liveproof.api.openapi_answers import (
    REF,
    answers,
    json_content,
    platform_schema,
    problem_schema,
    reference,
)
from liveproof.api.openapi_examples import examples
from liveproof.api.openapi_webhooks import decision_schema, erasure_schema, test_schema, webhook
from liveproof.api.routes import ROUTES, Public, Route
from liveproof.domain.endpoint_health import State
from liveproof.domain.ledger import CallOutcome, CallState
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision, DeliveryState, InputState, WaitingFor
from liveproof.webhooks.message import ReasonView

_PARAMETER = re.compile(r"\{(\w+)\}")

# The bodies carry plain strings; these are the values that the domain can give them.
_ENUMS: dict[tuple[str, str], type[Enum]] = {
    ("Created", "status"): Status,
    ("VerificationView", "status"): Status,
    ("VerificationView", "decision"): Decision,
    ("VerificationView", "waiting_for"): WaitingFor,
    ("InputView", "state"): InputState,
    ("CallView", "state"): CallState,
    ("CallView", "outcome"): CallOutcome,
    ("DeliveryView", "state"): DeliveryState,
    ("WebhookHealth", "state"): State,
}

_SERVERS: list[dict[str, Any]] = [
    {
        "url": "https://{api}.execute-api.{region}.amazonaws.com",
        "description": "On AWS: the stack's HTTP API.",
        "variables": {
            "api": {"default": "api-id", "description": "API Gateway's id of the API."},
            "region": {"default": "ap-southeast-1", "description": "The stack's region."},
        },
    },
    {
        "url": "https://{appid}-{urlid}.{region}.tencentscf.com",
        "description": "On Tencent Cloud: the URL of the function `api`.",
        "variables": {
            "appid": {"default": "1250000000", "description": "The account's APPID."},
            "urlid": {"default": "url-id", "description": "SCF's id of the URL."},
            "region": {"default": "ap-singapore", "description": "The functions' region."},
        },
    },
]


def openapi() -> dict[str, Any]:
    """The whole document, ready for JSON."""
    paths: dict[str, dict[str, Any]] = {}
    for route_key, route in ROUTES.items():
        method, _, path = route_key.partition(" ")
        paths.setdefault(path, {})[method.lower()] = _operation(route_key, route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "liveproof",
            "version": __version__,
            "summary": "Face verifications: ask for one, upload its files, read the decision.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": _SERVERS,
        "security": [{"api_key": []}],
        "paths": paths,
        "webhooks": {
            "decision": {
                "post": webhook("decision", "A verification was decided", reference("Webhook"))
            },
            "erasure": {
                "post": webhook("erasure", "A verification was erased", reference("WebhookErased"))
            },
            "test": {"post": webhook("test", "The endpoint is tried", reference("WebhookTest"))},
        },
        "components": {
            "securitySchemes": {"api_key": {"type": "http", "scheme": "bearer"}},
            "schemas": component_schemas(),
        },
    }


def component_schemas() -> dict[str, Any]:
    """The bodies' JSON Schemas by name."""
    types: list[Any] = [kind for route in ROUTES.values() for kind in _types_of(route)]
    _, components = msgspec.json.schema_components([*types, ReasonView], ref_template=REF)
    for (name, field), kind in _ENUMS.items():
        properties = components[name]["properties"]
        values: list[str | None] = [member.value for member in kind]
        nullable = "anyOf" in properties[field]
        properties[field] = {"enum": [*values, None] if nullable else values}
    for component in components.values():
        if "description" in component:
            component["description"] = cleandoc(component["description"])
    for route_key, route in ROUTES.items():
        if route.request is not None:
            _describe_body(components[route.request.__name__], route_key)
    components["CreateVerification"]["properties"]["check"]["enum"] = list(facts.checks())
    components["PlatformAnswer"] = platform_schema()
    components["Problem"] = problem_schema()
    components["Webhook"] = decision_schema(components["VerificationView"])
    components["WebhookErased"] = erasure_schema(components["VerificationView"])
    components["WebhookTest"] = test_schema()
    return dict(sorted(components.items()))


def _describe_body(component: dict[str, Any], route_key: str) -> None:
    """Replace the first sentence of a request body's description by one that names the route."""
    _, _, rest = component["description"].partition("\n")
    component["description"] = f"The body of {route_key}.\n{rest}".rstrip()


def _types_of(route: Route) -> list[type]:
    return [kind for kind in (route.request, route.response) if kind is not None]


def _operation(route_key: str, route: Route) -> dict[str, Any]:
    path = route_key.partition(" ")[2]
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(path)
    ]
    parameters += [
        {
            "name": name,
            "in": "query",
            "description": parameter.description,
            "schema": dict(parameter.schema),
        }
        for name, parameter in route.query.items()
    ]
    if route.takes_idempotency_key:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same key with the same request is the same thing, for a day",
                "schema": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": MAX_IDEMPOTENCY_KEY,
                    "pattern": f"^{IDEMPOTENCY_KEY_PATTERN}$",
                },
            }
        )
    operation: dict[str, Any] = {
        "operationId": route.operation_id,
        "summary": route.summary,
        "responses": answers(route),
    }
    if isinstance(route.operation, Public):
        operation["security"] = []
    if parameters:
        operation["parameters"] = parameters
    if route.request is not None:
        content = json_content(route.request.__name__)
        content["application/json"]["examples"] = examples(route.request)
        operation["requestBody"] = {"required": True, "content": content}
    return operation
