"""The operations of the HTTP API: each takes a request, runs one use case and answers.

Those that ask for an API key have the same parameters: the bag, the client's name, what its API
keys' secret says of the client, and the request. The others take the bag and the request.
"""

from __future__ import annotations

import base64
import hashlib

from liveproof.api.http import Request, Response, idempotency_key, json_response, require_body
from liveproof.api.query import list_filter, page_size
from liveproof.api.request_bodies import decode
from liveproof.api.schemas import ReflectSequence, Resent, VerificationList
from liveproof.api.views import (
    created_view,
    evidence_view,
    verification_view,
    webhook_health_view,
    webhook_keys_view,
    webhook_test_view,
)
from liveproof.clock import iso, milliseconds
from liveproof.dependencies import Dependencies
from liveproof.domain.filter import Filter
from liveproof.domain.requests import CreateReflectSequence, CreateVerification, ResendDeliveries
from liveproof.domain.verification import Decision, DeliveryState
from liveproof.secret_documents import ApiClient
from liveproof.use_cases.create_reflect_sequence import create_reflect_sequence
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.find_verification import find_verification, list_verifications
from liveproof.use_cases.list_evidence_keys import list_evidence_keys
from liveproof.use_cases.list_webhook_keys import list_webhook_keys
from liveproof.use_cases.read_evidence import read_evidence
from liveproof.use_cases.renew_uploads import renew_uploads
from liveproof.use_cases.request_erasure import request_erasure
from liveproof.use_cases.resend_result import resend_part, resend_result
from liveproof.use_cases.send_test_webhook import send_test_webhook

_KEYS_SECONDS = 300
"""How long a copy of the public keys may be used: as long as functions keep a secret by default."""


def create(dependencies: Dependencies, name: str, client: ApiClient, request: Request) -> Response:
    """POST /v1/verifications."""
    key = idempotency_key(request)
    body = decode(require_body(request), CreateVerification)
    verification, uploads = create_verification(dependencies, name, client, body, key)
    return json_response(201, created_view(verification, uploads))


def renew(dependencies: Dependencies, name: str, client: ApiClient, request: Request) -> Response:
    """POST /v1/verifications/{id}/uploads."""
    verification, uploads = renew_uploads(dependencies, name, request.path_parameters["id"])
    return json_response(200, created_view(verification, uploads))


def get(dependencies: Dependencies, name: str, client: ApiClient, request: Request) -> Response:
    """GET /v1/verifications/{id}."""
    verification = find_verification(dependencies, name, request.path_parameters["id"])
    return json_response(200, verification_view(verification))


def evidence(
    dependencies: Dependencies, name: str, client: ApiClient, request: Request
) -> Response:
    """GET /v1/verifications/{id}/evidence."""
    links = read_evidence(dependencies, name, request.path_parameters["id"])
    return json_response(200, evidence_view(links))


def list_page(
    dependencies: Dependencies, name: str, client: ApiClient, request: Request
) -> Response:
    """GET /v1/verifications."""
    page = list_verifications(
        dependencies, name, list_filter(request), page_size(request), request.parameter("cursor")
    )
    views = [verification_view(verification) for verification in page.verifications]
    return json_response(200, VerificationList(views, page.cursor))


def resend(dependencies: Dependencies, name: str, client: ApiClient, request: Request) -> Response:
    """POST /v1/verifications/{id}/deliveries."""
    verification = resend_result(dependencies, name, request.path_parameters["id"])
    return json_response(202, verification_view(verification))


def delete(dependencies: Dependencies, name: str, client: ApiClient, request: Request) -> Response:
    """DELETE /v1/verifications/{id}."""
    verification = request_erasure(dependencies, name, request.path_parameters["id"])
    return json_response(202, verification_view(verification))


def webhook_health(
    dependencies: Dependencies, name: str, client: ApiClient, request: Request
) -> Response:
    """GET /v1/webhooks/health."""
    view = webhook_health_view(dependencies.endpoints.load(name), dependencies.clock.now())
    return json_response(200, view)


def resend_range(
    dependencies: Dependencies, name: str, client: ApiClient, request: Request
) -> Response:
    """POST /v1/deliveries."""
    body = decode(require_body(request), ResendDeliveries)
    criteria = Filter(
        delivery=DeliveryState(body.state),
        decision=None if body.decision is None else Decision(body.decision),
        since=max(0, milliseconds(body.since)),
        until=None if body.until is None else max(0, milliseconds(body.until)),
    )
    part = resend_part(dependencies, name, criteria, body.cursor, dry_run=body.dry_run)
    continue_at = None if part.continue_at is None else iso(part.continue_at)
    view = Resent(body.dry_run, part.sent, part.skipped, part.cursor, continue_at)
    return json_response(200, view)


def create_sequence(
    dependencies: Dependencies, name: str, client: ApiClient, request: Request
) -> Response:
    """POST /v1/reflect-sequences."""
    body = decode(require_body(request), CreateReflectSequence)
    content = create_reflect_sequence(dependencies, body.device_data, body.security_level)
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return json_response(201, ReflectSequence(base64.b64encode(content).decode("ascii"), md5))


def webhook_keys(dependencies: Dependencies, request: Request) -> Response:
    """GET /.well-known/liveproof/webhook-keys.json."""
    keys = webhook_keys_view(list_webhook_keys(dependencies), list_evidence_keys(dependencies))
    return json_response(200, keys, {"Cache-Control": f"public, max-age={_KEYS_SECONDS}"})


def test_webhook(
    dependencies: Dependencies, name: str, client: ApiClient, request: Request
) -> Response:
    """POST /v1/webhooks/test."""
    return json_response(200, webhook_test_view(name, send_test_webhook(dependencies, name)))
