"""Trying a client's endpoint: a signed `webhook.test`, by the sender and the keys of real ones."""

from __future__ import annotations

from dataclasses import dataclass

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.ids import new_test_webhook_id
from liveproof.observability import Event
from liveproof.use_cases.client_pace import take_turn
from liveproof.use_cases.endpoint_health import record_test
from liveproof.use_cases.sign_webhook import ATTEMPT_HEADER, NotSent, endpoint_of, sign_webhook
from liveproof.webhooks.message import body_of_test

TESTS_PER_SECOND = 0.15
"""Of each client. A test is a request to a foreign server for which anybody with an API key asks,
so there are few. The quota's slots are a little further apart: about ten seconds."""

_SECONDS = 20.0
"""For the whole try: the sender's own limit, and its look at the network after a failure."""


@dataclass(frozen=True)
class WebhookTest:
    """A test that was made. Its `response` has an error if nothing could be sent."""

    webhook_id: str
    response: WebhookResponse


def send_test_webhook(dependencies: Dependencies, client_name: str) -> WebhookTest:
    """Send a test to the client's endpoint, once, wait for its answer, and record it.

    It needs no permit, and a paused endpoint gets one too: an accepted test ends the pause.

    Raises:
        TooSoon: the client had one a moment ago.
        SecretUnusable: the webhooks' secret cannot be read.
    """
    detail = "an endpoint is tried about once in ten seconds"
    take_turn(dependencies, "webhook_test", client_name, TESTS_PER_SECOND, detail)
    webhook_id = new_test_webhook_id()
    try:
        response = _send(dependencies, client_name, webhook_id)
    except NotSent as fault:
        response = WebhookResponse(None, fault.code, 0)
    else:
        record_test(dependencies, client_name, response.report)
    observability.record(
        Event.WEBHOOK_TESTED,
        webhook=webhook_id,
        status=response.status,
        error=response.error,
        latency_ms=response.latency_ms,
    )
    return WebhookTest(webhook_id, response)


def _send(dependencies: Dependencies, client_name: str, webhook_id: str) -> WebhookResponse:
    endpoint = endpoint_of(dependencies, client_name)
    body = body_of_test(dependencies.clock.now())
    headers = sign_webhook(dependencies, client_name, endpoint, webhook_id, body)
    headers[ATTEMPT_HEADER] = "1"
    return dependencies.webhook_sender.send(endpoint.url, headers, body, _SECONDS)
