"""The routes of the HTTP API: one table that serves requests and generates the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from liveproof import observability
from liveproof.api import operations
from liveproof.api.authentication import authenticate, client_named
from liveproof.api.http import Request, Response, problem_response, require_size
from liveproof.api.problems import BodyTooLarge, Unauthorized, problem_of
from liveproof.api.query import LIST_PARAMETERS, Parameter, require_parameters
from liveproof.api.request_bodies import NoBody, decode
from liveproof.api.schemas import (
    Created,
    EvidenceFiles,
    ReflectSequence,
    Resent,
    VerificationList,
    VerificationView,
    WebhookHealth,
    WebhookKeys,
    WebhookTestView,
)
from liveproof.dependencies import Dependencies
from liveproof.domain.requests import CreateReflectSequence, CreateVerification, ResendDeliveries
from liveproof.observability import Event, wide_event
from liveproof.ports import SecretUnusable
from liveproof.secret_documents import ApiClient
from liveproof.use_cases.errors import (
    Erased,
    EvidenceExpired,
    FilesRejected,
    IdempotencyKeyReused,
    InvalidRequest,
    InvalidState,
    NotDecided,
    NotFound,
    Refusal,
    SpendLimitReached,
    TooManyAttempts,
    TooManyOpen,
    TooSoon,
    VendorBusy,
    VendorFailed,
)

EVERY_ROUTE = "api"
"""The function that serves every route, where a function's URL is all there is to route by."""

FORWARDED = frozenset({"webhooks"})
"""The functions whose routes `api` hands on to them, because it may not read their secrets."""

Operation = Callable[[Dependencies, str, ApiClient, Request], Response]

Forward = Callable[[str], Response]
"""Returns the answer of another function to the same request."""


@dataclass(frozen=True)
class Public:
    """An operation that asks for no API key."""

    run: Callable[[Dependencies, Request], Response]


ANY_ROUTE: tuple[type[Exception], ...] = (
    InvalidRequest,
    Unauthorized,
    BodyTooLarge,
    SecretUnusable,
    Exception,
)
"""The errors that every route may answer with."""

LIMITS: tuple[type[Exception], ...] = (
    TooManyAttempts,
    TooManyOpen,
    SpendLimitReached,
    FilesRejected,
)
"""The limits of `use_cases.limits`, for the route that counts against them."""


@dataclass(frozen=True)
class Route:
    """One route.

    Attributes:
        operation_id: unique; generated clients name their methods after it.
        function: the deployed function that serves it.
        status: of a success.
        query: its query parameters by name; no others are taken.
        errors: those it may answer with besides `ANY_ROUTE`.
        takes_idempotency_key: whether it reads the Idempotency-Key header.
    """

    operation_id: str
    summary: str
    function: str
    operation: Operation | Public
    status: int
    response: type
    request: type | None = None
    query: Mapping[str, Parameter] = field(default_factory=dict)
    errors: tuple[type[Exception], ...] = ()
    takes_idempotency_key: bool = False


ROUTES: dict[str, Route] = {
    "POST /v1/verifications": Route(
        operation_id="create_verification",
        summary="Ask for a verification; the answer says where to upload its files",
        function="create_upload",
        operation=operations.create,
        status=201,
        request=CreateVerification,
        response=Created,
        errors=(NotFound, InvalidState, IdempotencyKeyReused, *LIMITS),
        takes_idempotency_key=True,
    ),
    "POST /v1/verifications/{id}/uploads": Route(
        operation_id="renew_verification",
        summary="Fresh upload URLs for inputs that have not arrived",
        function="create_upload",
        operation=operations.renew,
        status=200,
        response=Created,
        errors=(NotFound, InvalidState),
    ),
    "GET /v1/verifications": Route(
        operation_id="list_verifications",
        summary="The client's verifications, newest first",
        function="read_verification",
        operation=operations.list_page,
        status=200,
        response=VerificationList,
        query=LIST_PARAMETERS,
    ),
    "GET /v1/verifications/{id}": Route(
        operation_id="get_verification",
        summary="One verification: what its webhook says, and how it stands",
        function="read_verification",
        operation=operations.get,
        status=200,
        response=VerificationView,
        errors=(NotFound,),
    ),
    "GET /v1/verifications/{id}/evidence": Route(
        operation_id="get_evidence",
        summary="The signed manifest of a decision and the best frames, by short-lived URLs",
        function="read_verification",
        operation=operations.evidence,
        status=200,
        response=EvidenceFiles,
        errors=(NotFound, NotDecided, Erased, EvidenceExpired),
    ),
    "POST /v1/verifications/{id}/deliveries": Route(
        operation_id="resend_verification",
        summary="Send the decision's webhook again",
        function="resend_result",
        operation=operations.resend,
        status=202,
        response=VerificationView,
        errors=(NotFound, InvalidState),
    ),
    "DELETE /v1/verifications/{id}": Route(
        operation_id="delete_verification",
        summary="Erase a verification: its personal fields now, its files soon; repeat it freely",
        function="delete_verification",
        operation=operations.delete,
        status=202,
        response=VerificationView,
        errors=(NotFound, InvalidState),
    ),
    "POST /v1/deliveries": Route(
        operation_id="resend_deliveries",
        summary="Send the webhooks of a period again, in parts; a dry run by default",
        function="resend_result",
        operation=operations.resend_range,
        status=200,
        request=ResendDeliveries,
        response=Resent,
        errors=(TooSoon,),
    ),
    "POST /v1/reflect-sequences": Route(
        operation_id="create_reflect_sequence",
        summary="The reflect flow's first step: a light sequence for the mobile SDK",
        function="create_reflect_sequence",
        operation=operations.create_sequence,
        status=201,
        request=CreateReflectSequence,
        response=ReflectSequence,
        errors=(VendorFailed, VendorBusy),
    ),
    "GET /v1/webhooks/health": Route(
        operation_id="get_webhook_health",
        summary="How your webhook endpoint is: well, failing or paused",
        function="read_verification",
        operation=operations.webhook_health,
        status=200,
        response=WebhookHealth,
    ),
    "POST /v1/webhooks/test": Route(
        operation_id="test_webhook",
        summary="Send a signed test to the client's endpoint, and say how the endpoint took it",
        function="webhooks",
        operation=operations.test_webhook,
        status=200,
        response=WebhookTestView,
        errors=(TooSoon,),
    ),
    "GET /.well-known/liveproof/webhook-keys.json": Route(
        operation_id="list_webhook_keys",
        summary="The public keys that verify webhooks and manifests; asks for no API key",
        function="webhooks",
        operation=Public(operations.webhook_keys),
        status=200,
        response=WebhookKeys,
    ),
}


_PATTERNS = {
    key: re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(key))) for key in ROUTES
}


def _matching(request: Request, function: str) -> tuple[Route, dict[str, str]]:
    """The function's route of a request, and its path's parameters. Raises NotFound."""
    for key, pattern in _PATTERNS.items():
        match = pattern.fullmatch(f"{request.method} {request.path}")
        if match and function in (ROUTES[key].function, EVERY_ROUTE):
            return ROUTES[key], match.groupdict()
    slash = "; no path ends with a slash" if request.path.endswith("/") else ""
    raise NotFound(f"there is no such route{slash}")


def _require_only_what_the_route_takes(route: Route, request: Request) -> None:
    """Refuse what would be ignored otherwise. Raises InvalidRequest or BodyTooLarge."""
    require_parameters(request, route.query)
    require_size(request)
    if route.request is None and request.body:
        decode(request.body, NoBody)


def serve(
    dependencies: Dependencies,
    function: str,
    request: Request,
    forward: Forward | None = None,
    *,
    acting_for: str | None = None,
) -> Response:
    """Answer a request: authenticated where the route asks for it, or with a problem document.

    Args:
        function: the deployed function; it serves its own routes only. `api` serves them all.
        forward: asks the function with this name, for `api` and the routes of `FORWARDED`.
        acting_for: the client in whose place an operator asks; None: the API key says who asks.
    """
    try:
        route, parameters = _matching(request, function)
        wide_event.current().note(route=route.operation_id)
        if forward is not None and route.function in FORWARDED:
            return forward(route.function)
        if isinstance(route.operation, Public):
            _require_only_what_the_route_takes(route, request)
            return route.operation.run(dependencies, request)
        name, client = (
            authenticate(dependencies, request)
            if acting_for is None
            else client_named(dependencies, acting_for)
        )
        wide_event.current().note(client=name)
        _require_only_what_the_route_takes(route, request)
        request = replace(request, path_parameters=parameters)
        return route.operation(dependencies, name, client, request)
    except (Refusal, SecretUnusable) as refusal:  # a secret's fault is recorded where it is read
        problem = problem_of(refusal)
        observability.record(Event.REQUEST_REFUSED, code=problem.code, status=problem.status)
        return problem_response(refusal)
    except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a problem document
        observability.record_failure(Event.REQUEST_FAILED, error)
        return problem_response(error)
