"""Requests for tests of the API's routes, without a server."""

from __future__ import annotations

import json
from typing import Any

from liveproof.api.http import Request, Response
from liveproof.api.problems import PROBLEMS
from liveproof.api.routes import ROUTES, serve
from liveproof.domain.verification import Verification
from tests.support.deployment import API_KEY, Deployment

STATUS_OF = {problem.code: problem.status for problem in PROBLEMS.values()}


def ask(
    deployment: Deployment,
    route: str,
    *,
    verification_id: str | None = None,
    body: object = None,
    headers: dict[str, str] | None = None,
    key: str | None = API_KEY,
    **query: str | list[str],
) -> Response:
    """The answer of a route."""
    sent = {} if key is None else {"authorization": f"Bearer {key}"}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
    method, _, path = route.replace("{id}", verification_id or "").partition(" ")
    request = Request(
        method=method,
        path=path,
        query={name: [value] if isinstance(value, str) else value for name, value in query.items()},
        headers={**sent, **(headers or {})},
        body=raw,
    )
    function = ROUTES[route].function if route in ROUTES else "read_verification"
    return serve(deployment.dependencies, function, request)


def document(response: Response) -> Any:
    """The answer's JSON."""
    assert response.headers["Cache-Control"] == "no-store"
    return json.loads(response.body)


def problem(response: Response, code: str) -> Any:
    """The answer's problem document, of this code."""
    found = document(response)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert found["code"] == code
    assert response.status == found["status"] == STATUS_OF[code]
    assert found["type"] == f"urn:liveproof:problem:{code}"
    assert found["title"]
    assert found["detail"]
    return found


def decided(deployment: Deployment) -> Verification:
    """A verification that was decided and delivered."""
    entry = deployment.ready()
    deployment.run_check(entry)
    deployment.settle()
    return deployment.load(entry.id)
