"""The routes of the HTTP API: one table that serves requests and generates the OpenAPI document."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from liveproof import observability
from liveproof.api.http import (
    Request,
    Response,
    authenticate,
    idempotency_key,
    json_response,
    problem_response,
    require_body,
    require_known_parameters,
    require_size,
)
from liveproof.api.problems import (
    IdempotencyKeyReused,
    InvalidRequest,
    NotAllowedNow,
    NotConfigured,
    NotFound,
    Problem,
    TooLarge,
    Unauthorized,
    VendorBusy,
    VendorFailed,
)
from liveproof.api.schemas import (
    Created,
    CreateReflectSequence,
    CreateVerification,
    NoBody,
    ReflectSequence,
    VerificationList,
    VerificationView,
    decode,
)
from liveproof.api.views import created_view, verification_view
from liveproof.dependencies import Dependencies
from liveproof.domain.states import Status
from liveproof.observability import Event
from liveproof.ports import SecretUnusable
from liveproof.secret_documents import ApiClient
from liveproof.use_cases.create_reflect_sequence import create_reflect_sequence
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.find_verification import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    find_verification,
    list_verifications,
)
from liveproof.use_cases.renew_uploads import renew_uploads
from liveproof.use_cases.resend_result import resend_result

EVERY_ROUTE = "api"
"""The function that serves every route, where a function's URL is all there is to route by."""

Operation = Callable[[Dependencies, str, ApiClient, Request], Response]


ANY_ROUTE: tuple[type[Problem], ...] = (
    InvalidRequest,
    Unauthorized,
    TooLarge,
    NotConfigured,
    Problem,
)
"""What every route may answer."""


@dataclass(frozen=True)
class Parameter:
    """A query parameter. `schema` is its JSON Schema."""

    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True)
class Route:
    """One route.

    Attributes:
        function: the deployed function that serves it.
        query: its query parameters by name; no others are taken.
        problems: what it may answer besides `ANY_ROUTE`.
    """

    summary: str
    function: str
    operation: Operation
    status: int
    response: type
    request: type | None = None
    query: Mapping[str, Parameter] = field(default_factory=dict)
    problems: tuple[type[Problem], ...] = ()


def _create(dependencies: Dependencies, name: str, client: ApiClient, request: Request) -> Response:
    key = idempotency_key(request)
    wanted = decode(require_body(request), CreateVerification)
    verification, uploads = create_verification(dependencies, name, client, wanted, key)
    return json_response(201, created_view(verification, uploads))


def _renew(dependencies: Dependencies, name: str, client: ApiClient, request: Request) -> Response:
    verification, uploads = renew_uploads(dependencies, name, request.path_parameters["id"])
    return json_response(200, created_view(verification, uploads))


def _get(dependencies: Dependencies, name: str, client: ApiClient, request: Request) -> Response:
    verification = find_verification(dependencies, name, request.path_parameters["id"])
    return json_response(200, verification_view(verification))


def _list(dependencies: Dependencies, name: str, client: ApiClient, request: Request) -> Response:
    page = list_verifications(
        dependencies,
        name,
        request.parameter("status"),
        request.parameter("limit"),
        request.parameter("cursor"),
    )
    views = [verification_view(verification) for verification in page.verifications]
    return json_response(200, VerificationList(views, page.cursor))


def _resend(dependencies: Dependencies, name: str, client: ApiClient, request: Request) -> Response:
    verification = resend_result(dependencies, name, request.path_parameters["id"])
    return json_response(202, verification_view(verification))


def _sequence(
    dependencies: Dependencies, name: str, client: ApiClient, request: Request
) -> Response:
    wanted = decode(require_body(request), CreateReflectSequence)
    content = create_reflect_sequence(dependencies, wanted.device_data, wanted.security_level)
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return json_response(201, ReflectSequence(base64.b64encode(content).decode("ascii"), md5))


ROUTES: dict[str, Route] = {
    "POST /v1/verifications": Route(
        summary="Ask for a verification; the answer says where to upload its files",
        function="create_upload",
        operation=_create,
        status=201,
        request=CreateVerification,
        response=Created,
        problems=(NotFound, NotAllowedNow, IdempotencyKeyReused),
    ),
    "POST /v1/verifications/{id}/uploads": Route(
        summary="Fresh upload URLs for inputs that have not arrived",
        function="create_upload",
        operation=_renew,
        status=200,
        response=Created,
        problems=(NotFound, NotAllowedNow),
    ),
    "GET /v1/verifications": Route(
        summary="The client's verifications, newest first",
        function="read_verification",
        operation=_list,
        status=200,
        response=VerificationList,
        query={
            "status": Parameter(
                "only verifications in this state", {"enum": [status.value for status in Status]}
            ),
            "limit": Parameter(
                f"how many, 1 to {MAX_LIMIT}; {DEFAULT_LIMIT} without it",
                {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
            ),
            "cursor": Parameter("next_cursor of the page before", {"type": "string"}),
        },
    ),
    "GET /v1/verifications/{id}": Route(
        summary="One verification: what its webhook says, and how it stands",
        function="read_verification",
        operation=_get,
        status=200,
        response=VerificationView,
        problems=(NotFound,),
    ),
    "POST /v1/verifications/{id}/deliveries": Route(
        summary="Send the decision's webhook again",
        function="resend_result",
        operation=_resend,
        status=202,
        response=VerificationView,
        problems=(NotFound, NotAllowedNow),
    ),
    "POST /v1/reflect-sequences": Route(
        summary="The reflect flow's first step: a light sequence for the mobile SDK",
        function="create_reflect_sequence",
        operation=_sequence,
        status=201,
        request=CreateReflectSequence,
        response=ReflectSequence,
        problems=(VendorFailed, VendorBusy),
    ),
}


_PATTERNS = {
    key: re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(key))) for key in ROUTES
}


def _matching(request: Request, function: str) -> tuple[Route, dict[str, str]]:
    """The function's route of a request, and its path's parameters. Raises NotFound."""
    for key, pattern in _PATTERNS.items():
        found = pattern.fullmatch(f"{request.method} {request.path}")
        if found and function in (ROUTES[key].function, EVERY_ROUTE):
            return ROUTES[key], found.groupdict()
    slash = "; no path ends with a slash" if request.path.endswith("/") else ""
    raise NotFound(f"there is no such route{slash}")


def _require_what_the_route_takes(route: Route, request: Request) -> None:
    """Refuse what would be ignored otherwise. Raises InvalidRequest or TooLarge."""
    known = f"there is {', '.join(route.query)}" if route.query else "none is taken here"
    require_known_parameters(request, route.query, known)
    require_size(request)
    if route.request is None and request.body:
        decode(request.body, NoBody)


def serve(dependencies: Dependencies, function: str, request: Request) -> Response:
    """Answer a request: authenticated, or with a problem document.

    Args:
        function: the deployed function; it serves its own routes only. `api` serves them all.
    """
    try:
        route, parameters = _matching(request, function)
        name, client = authenticate(dependencies, request)
        _require_what_the_route_takes(route, request)
        request = replace(request, path_parameters=parameters)
        return route.operation(dependencies, name, client, request)
    except Problem as problem:
        return _refusal(problem)
    except SecretUnusable:  # recorded where it was read
        return _refusal(NotConfigured("the deployment's operator has to act; ask again later"))
    except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a problem document
        observability.record_failure(Event.REQUEST_FAILED, error)
        return problem_response(Problem("the request could not be served; ask again later"))


def _refusal(problem: Problem) -> Response:
    observability.record(Event.REQUEST_REFUSED, code=problem.code, status=problem.status)
    return problem_response(problem)
