"""Delivering a decision: one attempt per run, the next by its due time."""

from __future__ import annotations

from liveproof import facts, observability
from liveproof.dependencies import Dependencies
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.ids import webhook_id
from liveproof.domain.lease import lease_until
from liveproof.domain.lifecycle import (
    attempt_recorded,
    delivery_fault_recorded,
    delivery_leased,
)
from liveproof.domain.states import Status, Step
from liveproof.domain.verification import Attempt, Delivery, DeliveryState, Verification
from liveproof.observability import Event, Metric
from liveproof.ports import Conflict
from liveproof.secret_documents import Webhooks, read_secret
from liveproof.use_cases.request_step import request_step
from liveproof.webhooks.message import SEQUENCE_OF_DECISION, body_of
from liveproof.webhooks.retries import after_attempt, fault_delay_ms
from liveproof.webhooks.signature import signed_headers

ATTEMPT_HEADER = "webhook-attempt"
"""Counts the attempts of a delivery. It is not signed: the signature covers id, time and body."""

_MARGIN_SECONDS = 2
"""Kept free after a try, to record it before the function is stopped."""

_DAY_MS = 24 * 60 * 60 * 1000


def deliver_result(dependencies: Dependencies, verification_id: str, deadline: int) -> None:
    """Make one attempt at a due delivery and record it.

    An attempt is counted when it is over, so a function that dies while sending uses up none. A
    fault of the deployment's own, such as a secret that cannot be read, uses up none either: it is
    recorded, rings an alarm, and the delivery stays due, with growing delays, for as long as
    records are kept.

    Args:
        deadline: when the function is stopped (ms since 1970).
    """
    verification = dependencies.records.load(verification_id)
    now = dependencies.clock.now()
    if (
        verification is None
        or verification.status is not Status.DECIDED
        or not verification.is_due(now)
    ):
        observability.record(Event.STEP_SKIPPED, verification=verification_id)
        return
    try:
        leased = dependencies.records.save(delivery_leased(verification, lease_until(deadline)))
        try:
            response = _send(dependencies, leased, deadline)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not the endpoint's
            _record_fault(dependencies, leased, error)
        else:
            _record(dependencies, leased, response)
    except Conflict:
        observability.record(Event.STEP_SKIPPED, verification=verification_id)


class NotSent(Exception):
    """A fault of the deployment's own keeps a webhook from the client's endpoint."""

    def __init__(self, code: str, client: str) -> None:
        super().__init__(f"{code}: the webhook endpoint of {client}")
        self.code = code


def _send(dependencies: Dependencies, verification: Verification, deadline: int) -> WebhookResponse:
    """One attempt. Raises NotSent or SecretUnusable where the fault is the deployment's own."""
    settings, clock = dependencies.settings, dependencies.clock
    webhooks = read_secret(dependencies.secrets, settings.webhooks_secret, Webhooks)
    endpoint = webhooks.endpoints.get(verification.client)
    if endpoint is None:
        raise NotSent("no_endpoint", verification.client)
    body = body_of(verification)
    message_id = webhook_id(verification.id, SEQUENCE_OF_DECISION)
    now = clock.now()
    keys = endpoint.signing_keys_at(now)
    if not keys:
        raise NotSent("no_signing_key", verification.client)
    headers = signed_headers(keys, message_id, now // 1000, body)
    headers[ATTEMPT_HEADER] = str(_delivery(verification).attempts + 1)
    seconds_left = max(1.0, (deadline - clock.now()) / 1000 - _MARGIN_SECONDS)
    response = dependencies.webhook_sender.send(endpoint.url, headers, body, seconds_left)
    if response.error is not None and response.is_own_fault:
        raise NotSent(response.error, verification.client)
    return response


def _delivery(verification: Verification) -> Delivery:
    return verification.delivery or Delivery()


def _record(
    dependencies: Dependencies, verification: Verification, response: WebhookResponse
) -> None:
    now = dependencies.clock.now()
    number = _delivery(verification).attempts + 1
    state, delay = after_attempt(facts.webhook_schedule(), number, response)
    attempt = Attempt(
        at=now,
        latency_ms=response.latency_ms,
        status=response.status,
        error=response.error,
        answer=response.answer,
    )
    due_at = None if delay is None else now + round(delay * 1000)
    dependencies.records.save(attempt_recorded(verification, attempt, state, due_at))
    # The answer's text is a stranger's: the record has it, the log has not.
    observability.record(
        Event.DELIVERY_ATTEMPTED,
        verification=verification.id,
        attempt=number,
        state=state.value,
        status=response.status,
        error=response.error,
        latency_ms=response.latency_ms,
    )
    if state is DeliveryState.EXHAUSTED:
        observability.count(Metric.DELIVERY_EXHAUSTED)
    if due_at is not None:
        request_step(dependencies, Step.DELIVER_RESULT, verification, due_at)


def _record_fault(dependencies: Dependencies, verification: Verification, error: Exception) -> None:
    now = dependencies.clock.now()
    due_at: int | None = now + fault_delay_ms(_delivery(verification).faults)
    if now >= _kept_until(dependencies, verification):
        due_at = None
    code = error.code if isinstance(error, NotSent) else "deployment_fault"
    fault = Attempt(at=now, latency_ms=0, error=code)
    dependencies.records.save(delivery_fault_recorded(verification, fault, due_at))
    observability.record_failure(Event.DELIVERY_FAULT, error, verification=verification.id)
    observability.count(Metric.DELIVERY_FAULT)
    if due_at is None:
        observability.count(Metric.DELIVERY_EXHAUSTED)
    else:
        request_step(dependencies, Step.DELIVER_RESULT, verification, due_at)


def _kept_until(dependencies: Dependencies, verification: Verification) -> int:
    """When the record would be deleted if its delivery were over (ms since 1970)."""
    return verification.created_at + dependencies.settings.record_retention_days * _DAY_MS
