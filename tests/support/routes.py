"""Requests for tests of the API's routes, without a server."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

import msgspec

from liveproof.api.http import Request, Response
from liveproof.api.openapi import openapi
from liveproof.api.problems import CONTENT_TYPE, PROBLEMS
from liveproof.api.routes import ROUTES, serve
from liveproof.domain.verification import Verification
from tests.support.deployment import API_KEY, Deployment, declared, secret_values

CREATE = "POST /v1/verifications"
RENEW = "POST /v1/verifications/{id}/uploads"
LIST = "GET /v1/verifications"
GET = "GET /v1/verifications/{id}"
RESEND = "POST /v1/verifications/{id}/deliveries"
OTHER_KEY = "lp_other_key"
"""Of the client that `add_other_client` adds."""
STATUS_OF = {problem.code: problem.status for problem in PROBLEMS.values()}

Answer = tuple[int, str | None]
"""An HTTP status, and a problem's code; None for a success."""


@cache
def declared_answers(route: str) -> frozenset[Answer]:
    """What the OpenAPI document says that liveproof answers on a route; not what a platform does.

    A platform's answers are declared as PlatformAnswer.
    """
    method, _, path = route.partition(" ")
    answers: set[Answer] = set()
    for status, response in openapi()["paths"][path][method.lower()]["responses"].items():
        problem = response["content"].get(CONTENT_TYPE)
        if problem is not None:
            assert problem["schema"]["allOf"][0] == {"$ref": "#/components/schemas/Problem"}
            codes = problem["schema"]["allOf"][1]["properties"]["code"]["enum"]
            answers |= {(int(status), code) for code in codes}
        elif "PlatformAnswer" not in json.dumps(response["content"]):
            answers.add((int(status), None))
    return frozenset(answers)


def answer_of(response: Response) -> Answer:
    """What a response says, in the terms of the document."""
    if response.headers["Content-Type"] == "application/json":
        return response.status, None
    document = json.loads(response.body)
    assert document["status"] == response.status
    return response.status, str(document["code"])


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
    """The answer of a route, which the OpenAPI document has to declare."""
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
    response = serve(deployment.dependencies, function, request)
    if route in ROUTES:
        assert answer_of(response) in declared_answers(route), f"{route} does not declare it"
    return response


def wanted(**changes: Any) -> dict[str, Any]:
    """The body of a request that creates a verification."""
    inputs = {name: msgspec.to_builtins(entry) for name, entry in declared().items()}
    return {"check": "reflect", "inputs": inputs, **changes}


def add_other_client(deployment: Deployment) -> None:
    """A second client beside `CLIENT`."""
    other = {"keys_sha256": [hashlib.sha256(OTHER_KEY.encode()).hexdigest()]}
    deployment.secrets.values.update(secret_values(other=other))


def document(response: Response) -> Any:
    """The answer's JSON."""
    assert response.headers["Cache-Control"] == "no-store"
    return json.loads(response.body)


def problem(response: Response, code: str) -> Any:
    """The answer's problem document, of this code."""
    refusal = document(response)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert refusal["code"] == code
    assert response.status == refusal["status"] == STATUS_OF[code]
    assert refusal["type"] == f"urn:liveproof:problem:{code}"
    assert refusal["title"]
    assert refusal["detail"]
    return refusal


def decided(deployment: Deployment) -> Verification:
    """A verification that was decided and delivered."""
    entry = deployment.ready()
    deployment.run_check(entry)
    deployment.settle()
    return deployment.load(entry.id)
