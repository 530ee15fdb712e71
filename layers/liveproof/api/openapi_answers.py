"""The answers of a route in the OpenAPI document: its success, its problems, the platform's own."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from liveproof.api.problems import CONTENT_TYPE, PROBLEMS, Problem, Unauthorized
from liveproof.api.routes import ANY_ROUTE, ROUTES, Public, Route

REF = "#/components/schemas/{name}"

PLATFORM: dict[int, str] = {
    413: "The platform takes no body of this size",
    429: "Too many requests at once, says the platform",
    500: "The function failed, says the platform",
    503: "The platform could not run the function in time",
}
"""What the platform answers by itself on every route, before or after liveproof runs.

Source: API Gateway's quotas and error messages of HTTP APIs, read 2026-11-20; SCF's function URLs
have these and others (`tools/docs/api.py` names them), which are each operation's `default`.
"""

_HEADERS: dict[str, dict[str, Any]] = {
    "Retry-After": {"type": "integer", "minimum": 1},
    "WWW-Authenticate": {"type": "string"},
}

_LINKED = (
    "get_verification",
    "renew_verification",
    "get_evidence",
    "resend_verification",
    "delete_verification",
)
"""The operations that take the id which a create answers."""


def problems_of(route: Route) -> tuple[Problem, ...]:
    """What the route may answer besides success, by status."""
    open_to_all = isinstance(route.operation, Public)
    problems = [
        PROBLEMS[error]
        for error in (*ANY_ROUTE, *route.errors)
        if not (open_to_all and error is Unauthorized)
    ]
    return tuple(sorted(problems, key=lambda problem: problem.status))


def answers(route: Route) -> dict[str, Any]:
    """Every answer of a route by its status; `default` is what else a platform may answer."""
    answers_by_status: dict[int, dict[str, Any]] = {
        status: _problems(list(problems))
        for status, problems in groupby(problems_of(route), key=lambda problem: problem.status)
    }
    for status, meaning in PLATFORM.items():
        own = answers_by_status.setdefault(status, {"description": "", "content": {}})
        own["description"] = "; ".join(filter(None, (own["description"], meaning)))
        own["content"] |= json_content("PlatformAnswer")
    success: dict[str, Any] = {
        "description": route.summary,
        "content": json_content(route.response.__name__),
    }
    if linked := links(route):
        success["links"] = linked
    return {
        str(route.status): success,
        **{str(status): answers_by_status[status] for status in sorted(answers_by_status)},
        "default": {
            "description": "Another answer of the platform's: a request that a firewall refused, a"
            " function that could not be started",
            "content": json_content("PlatformAnswer"),
        },
    }


def links(route: Route) -> dict[str, Any]:
    """What may be done with the verification that a success names."""
    if route.operation_id != "create_verification":
        return {}
    summaries = {other.operation_id: other.summary for other in ROUTES.values()}
    return {
        operation_id: {
            "operationId": operation_id,
            "parameters": {"id": "$response.body#/id"},
            "description": summaries[operation_id],
        }
        for operation_id in _LINKED
    }


def _problems(problems: list[Problem]) -> dict[str, Any]:
    """The answer of a status that has these problems."""
    codes = [problem.code for problem in problems]
    schema = {
        "allOf": [
            reference("Problem"),
            {"type": "object", "properties": {"code": {"enum": codes}}},
        ]
    }
    answer: dict[str, Any] = {
        "description": "; ".join(f"{problem.title} (`{problem.code}`)" for problem in problems),
        "content": {CONTENT_TYPE: {"schema": schema}},
    }
    headers = {name: text for problem in problems for name, text in problem.headers.items()}
    if headers:
        answer["headers"] = {
            name: {"description": text, "schema": _HEADERS[name]} for name, text in headers.items()
        }
    return answer


def json_content(name: str) -> dict[str, Any]:
    """A JSON body of the schema `name`."""
    return {"application/json": {"schema": reference(name)}}


def reference(name: str) -> dict[str, str]:
    """A reference to the schema `name`."""
    return {"$ref": REF.format(name=name)}


def problem_schema() -> dict[str, Any]:
    """The schema of every problem document."""
    return {
        "title": "Problem",
        "description": "An answer that is not a success (RFC 9457). `code` is stable.",
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"enum": [problem.code for problem in PROBLEMS.values()]},
            "field": {"type": "string", "description": "the part of the request that is wrong"},
        },
        "required": ["type", "title", "status", "detail", "code"],
    }


def platform_schema() -> dict[str, Any]:
    """The schema of what a platform answers by itself."""
    return {
        "title": "PlatformAnswer",
        "description": "What API Gateway (`message`) or SCF (the other fields) answers by itself.",
        "type": "object",
        "properties": {
            "message": {"type": "string"},
            "errorCode": {"type": "integer"},
            "errorMessage": {"type": "string"},
            "requestId": {"type": "string"},
            "statusCode": {"type": "integer"},
        },
    }
