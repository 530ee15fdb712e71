"""Delivering a decision: one attempt per run, the next by its due time."""

from __future__ import annotations

import random

from liveproof import facts, observability
from liveproof.dependencies import Dependencies
from liveproof.domain.ids import webhook_id
from liveproof.domain.lifecycle import (
    LEASE_MARGIN_MS,
    attempt_recorded,
    delivery_fault_recorded,
    delivery_leased,
)
from liveproof.domain.states import Status, Step
from liveproof.domain.verification import Attempt, Delivery, DeliveryState, Verification
from liveproof.facts import WebhookSchedule
from liveproof.observability import Event, Metric
from liveproof.ports import Conflict, SecretUnusable
from liveproof.secret_documents import Webhooks, read_secret
from liveproof.use_cases.ask_for import ask_for
from liveproof.webhooks.message import SEQUENCE_OF_DECISION, body_of
from liveproof.webhooks.sender import Response, send
from liveproof.webhooks.signing import signature_header

_THROTTLED = frozenset({429, 502, 504})
"""Standard Webhooks 1.0.0: the endpoint is overloaded."""
_THROTTLED_DELAY_SECONDS = 60.0
_LONGEST_RETRY_AFTER_SECONDS = 24 * 60 * 60.0
_GONE = 410

FAULTS = 300
"""A delivery that faults of ours prevented so many times in a row is exhausted: three days."""
_FIRST_FAULT_DELAY_MS = 10_000
_LONGEST_FAULT_DELAY_MS = 15 * 60 * 1000


def deliver_result(dependencies: Dependencies, verification_id: str, deadline: int) -> None:
    """Make one attempt at a due delivery and record it.

    An attempt is counted when it is over: a function that dies while sending costs the client none.
    Nor does a fault of the deployment's own, such as a secret that cannot be read: it is recorded,
    rings an alarm, and the attempt is made later, at growing distances.

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
        leased = dependencies.records.save(
            delivery_leased(verification, deadline + LEASE_MARGIN_MS)
        )
        try:
            response = _send(dependencies, leased, deadline)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not the endpoint's
            _record_fault(dependencies, leased, error)
        else:
            _record(dependencies, leased, response)
    except Conflict:
        observability.record(Event.STEP_SKIPPED, verification=verification_id)


class NoEndpoint(SecretUnusable):
    """The webhooks' secret has no endpoint for the client."""


def _send(dependencies: Dependencies, verification: Verification, deadline: int) -> Response:
    settings, clock = dependencies.settings, dependencies.clock
    webhooks = read_secret(dependencies.secrets, settings.webhooks_secret, Webhooks)
    endpoint = webhooks.endpoints.get(verification.client)
    if endpoint is None:
        raise NoEndpoint(
            f"secret {settings.webhooks_secret}: no endpoint for {verification.client}"
        )
    body = body_of(verification)
    message_id = webhook_id(verification.id, SEQUENCE_OF_DECISION)
    timestamp = clock.now() // 1000
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature_header(endpoint.keys(), message_id, timestamp, body),
    }
    return send(
        endpoint.url,
        body,
        headers,
        schedule=facts.webhook_schedule(),
        seconds_left=max(1.0, (deadline - clock.now()) / 1000 - 2),
        public_only=settings.webhook_address_policy == "public",
    )


def _record(dependencies: Dependencies, verification: Verification, response: Response) -> None:
    now = dependencies.clock.now()
    delivery = verification.delivery or Delivery()
    state, delay = _after(facts.webhook_schedule(), delivery.attempts + 1, response)
    attempt = Attempt(
        at=now, latency_ms=response.latency_ms, status=response.status, error=response.error
    )
    due_at = None if delay is None else now + round(delay * 1000)
    dependencies.records.save(attempt_recorded(verification, attempt, state, due_at))
    observability.record(
        Event.DELIVERY_ATTEMPTED,
        verification=verification.id,
        attempt=delivery.attempts + 1,
        state=state.value,
        status=response.status,
        error=response.error,
        latency_ms=response.latency_ms,
    )
    if state is DeliveryState.EXHAUSTED:
        observability.count(Metric.DELIVERY_EXHAUSTED)
    if due_at is not None:
        ask_for(dependencies, Step.DELIVER_RESULT, verification.id, due_at)


def _record_fault(dependencies: Dependencies, verification: Verification, error: Exception) -> None:
    now = dependencies.clock.now()
    faults = (verification.delivery or Delivery()).faults
    delay = min(_FIRST_FAULT_DELAY_MS * 2 ** min(faults, 20), _LONGEST_FAULT_DELAY_MS)
    due_at = None if faults + 1 >= FAULTS else now + delay
    code = "no_endpoint" if isinstance(error, NoEndpoint) else "deployment_fault"
    fault = Attempt(at=now, latency_ms=0, error=code)
    dependencies.records.save(delivery_fault_recorded(verification, fault, due_at))
    observability.record_failure(Event.DELIVERY_FAULT, error, verification=verification.id)
    observability.count(Metric.DELIVERY_FAULT)
    if due_at is None:
        observability.count(Metric.DELIVERY_EXHAUSTED)
    else:
        ask_for(dependencies, Step.DELIVER_RESULT, verification.id, due_at)


def _after(
    schedule: WebhookSchedule, attempts: int, response: Response
) -> tuple[DeliveryState, float | None]:
    """What follows the attempt: the delivery's state, and seconds to the next attempt if any."""
    if response.accepted:
        return DeliveryState.DELIVERED, None
    if response.status == _GONE or attempts > len(schedule.delays_seconds):
        return DeliveryState.EXHAUSTED, None
    delay = float(schedule.delays_seconds[attempts - 1])
    spread = random.uniform(-1, 1)  # noqa: S311 - spreads retries apart, guards nothing
    delay *= 1 + schedule.jitter * spread
    if response.status in _THROTTLED:
        delay = max(delay, _THROTTLED_DELAY_SECONDS)
    if response.retry_after is not None:
        delay = max(delay, min(response.retry_after, _LONGEST_RETRY_AFTER_SECONDS))
    return DeliveryState.PENDING, delay
