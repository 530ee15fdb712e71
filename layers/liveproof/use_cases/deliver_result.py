"""Delivering a decision, or an erasure: one attempt per run, the next by its due time."""

from __future__ import annotations

from liveproof import facts, observability
from liveproof.dependencies import Dependencies
from liveproof.domain.delivery import WebhookResponse
from liveproof.domain.delivery_transitions import (
    attempt_recorded,
    delivery_fault_recorded,
    delivery_leased,
    delivery_put_off,
    probe_recorded,
)
from liveproof.domain.endpoint_health import Change, Outcome, Report
from liveproof.domain.endpoint_permits import Permit, Turn
from liveproof.domain.erasure_transitions import is_webhook_due
from liveproof.domain.lease import lease_until
from liveproof.domain.states import Status, Step
from liveproof.domain.verification import Attempt, Delivery, DeliveryState, Verification
from liveproof.observability import Event, Measure, Metric
from liveproof.ports import Conflict
from liveproof.use_cases.endpoint_health import give_back
from liveproof.use_cases.load_due import load_due
from liveproof.use_cases.request_step import request_step
from liveproof.use_cases.retention import faults_end_at
from liveproof.use_cases.save_delivery import Transition, save_attempt, save_delivery
from liveproof.use_cases.sign_evidence import begin_manifest, has_begun, sign_evidence
from liveproof.use_cases.sign_webhook import ATTEMPT_HEADER, NotSent, endpoint_of, sign_webhook
from liveproof.webhooks.message import build_body, message_id_of
from liveproof.webhooks.retries import after_attempt, fault_delay_ms

_MARGIN_SECONDS = 2
"""Kept free after a try, to record it before the function is stopped."""


def deliver_result(dependencies: Dependencies, verification_id: str, deadline: int) -> None:
    """Make one attempt at a due delivery and record it; then sign the decision's manifest.

    The attempt needs a permit of the endpoint. Where there is none the delivery gets a turn, which
    costs no attempt, and the run ends.

    An attempt is counted when it is over, so a function that dies while sending uses up none. A
    fault of the deployment's own, such as a secret that cannot be read, uses up none either: it is
    recorded, rings an alarm, and the delivery stays due, with growing delays, for as long as
    records are kept.

    Args:
        deadline: when the function is stopped (ms since 1970).
    """
    verification = load_due(dependencies, verification_id, (Status.DECIDED, Status.ERASED))
    now = dependencies.clock.now()
    if verification is None or not verification.is_due(now) or not _has_work(verification, now):
        observability.record(Event.STEP_SKIPPED, verification=verification_id)
        return
    try:
        if _delivery(verification).state is DeliveryState.PENDING:
            saved = _deliver(dependencies, verification, deadline)
        else:
            begun = begin_manifest(dependencies, verification, deadline)
            saved = dependencies.records.save(begun)
        if has_begun(verification, saved):
            sign_evidence(dependencies, saved)
    except Conflict:
        observability.record(Event.STEP_SKIPPED, verification=verification_id)


def _has_work(verification: Verification, now: int) -> bool:
    """Whether there is a webhook to send, or a manifest to sign: an erased one has none."""
    if verification.status is Status.ERASED:
        return is_webhook_due(verification, now)
    return verification.status is Status.DECIDED


def _deliver(dependencies: Dependencies, verification: Verification, deadline: int) -> Verification:
    """Make an attempt, or put it off; the verification as saved. Raises Conflict."""
    permit = dependencies.endpoints.take_permit(
        verification.client, dependencies.clock.now(), waited=_delivery(verification).waits
    )
    if isinstance(permit, Turn):
        return _put_off(dependencies, verification, permit, deadline)
    return _attempt(dependencies, verification, permit, deadline)


def _with_manifest_begun(
    dependencies: Dependencies, transition: Transition, deadline: int
) -> Transition:
    """The transition, which also says whether this run may store the manifest."""

    def both(stored: Verification) -> Verification:
        after = transition(stored)
        return after if after.erasure else begin_manifest(dependencies, after, deadline)

    return both


def _put_off(
    dependencies: Dependencies, verification: Verification, turn: Turn, deadline: int
) -> Verification:
    due_at = None if turn.in_vain else turn.at
    now = dependencies.clock.now()
    transition = _with_manifest_begun(
        dependencies, lambda stored: delivery_put_off(stored, due_at, now), deadline
    )
    saved = save_delivery(dependencies, verification, transition)
    observability.record(
        Event.DELIVERY_PUT_OFF,
        verification=verification.id,
        reason="endpoint_paused" if turn.paused else "endpoint_busy",
    )
    _measure(dependencies, verification, "put_off")
    if due_at is None:
        _count_exhausted(dependencies, verification)
    _request_next(dependencies, verification, due_at)
    return saved


def _attempt(
    dependencies: Dependencies, verification: Verification, permit: Permit, deadline: int
) -> Verification:
    not_made = Report(Outcome.NOT_MADE)
    try:
        leased = dependencies.records.save(delivery_leased(verification, lease_until(deadline)))
    except Exception:
        give_back(dependencies, permit, not_made)
        raise
    try:
        response = _send(dependencies, leased, deadline)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not the endpoint's
        give_back(dependencies, permit, not_made)
        return _record_fault(dependencies, leased, error, deadline)
    change = give_back(dependencies, permit, response.report)
    if permit.is_probe and not response.accepted:
        return _record_probe(dependencies, leased, response, change, deadline)
    return _record(dependencies, leased, response, change, deadline)


def _send(dependencies: Dependencies, verification: Verification, deadline: int) -> WebhookResponse:
    """One attempt. Raises NotSent or SecretUnusable where the fault is the deployment's own."""
    client = verification.client
    endpoint = endpoint_of(dependencies, client)
    body = build_body(verification)
    message_id = message_id_of(verification)
    headers = sign_webhook(dependencies, client, endpoint, message_id, body)
    headers[ATTEMPT_HEADER] = str(_delivery(verification).attempts + 1)
    seconds_left = max(1.0, (deadline - dependencies.clock.now()) / 1000 - _MARGIN_SECONDS)
    response = dependencies.webhook_sender.send(endpoint.url, headers, body, seconds_left)
    if response.error is not None and response.is_own_fault:
        raise NotSent(response.error, client)
    return response


def _delivery(verification: Verification) -> Delivery:
    return verification.delivery or Delivery()


def _record(
    dependencies: Dependencies,
    verification: Verification,
    response: WebhookResponse,
    change: Change,
    deadline: int,
) -> Verification:
    now = dependencies.clock.now()
    number = _delivery(verification).attempts + 1
    state, delay = after_attempt(facts.webhook_schedule(), number, response)
    due_at = None if delay is None else now + round(delay * 1000)
    waits = state is DeliveryState.PENDING and change.turn is not None
    if waits:
        due_at = change.turn
    attempt = _build_attempt(response, now)
    transition = _with_manifest_begun(
        dependencies,
        lambda stored: attempt_recorded(stored, attempt, state, due_at, waits=waits),
        deadline,
    )
    saved = save_attempt(dependencies, verification, transition)
    _log_attempt(dependencies, verification, response, state, attempt=number)
    _request_next(dependencies, verification, due_at)
    return saved


def _record_probe(
    dependencies: Dependencies,
    verification: Verification,
    response: WebhookResponse,
    change: Change,
    deadline: int,
) -> Verification:
    """A probe costs its delivery no attempt: the endpoint is paused. The delivery queues anew."""
    now = dependencies.clock.now()
    due_at = None if change.in_vain else _turn_at(dependencies, verification.client, now)
    probe = _build_attempt(response, now)
    transition = _with_manifest_begun(
        dependencies, lambda stored: probe_recorded(stored, probe, due_at), deadline
    )
    saved = save_attempt(dependencies, verification, transition)
    state = DeliveryState.EXHAUSTED if due_at is None else DeliveryState.PENDING
    _log_attempt(dependencies, verification, response, state, attempt=None)
    _request_next(dependencies, verification, due_at)
    return saved


def _turn_at(dependencies: Dependencies, client: str, now: int) -> int:
    """The end of the queue; now, if the endpoint has room again."""
    place = dependencies.endpoints.take_permit(client, now, waited=False)
    if isinstance(place, Turn):
        return place.at
    give_back(dependencies, place, Report(Outcome.NOT_MADE))
    return now


def _build_attempt(response: WebhookResponse, now: int) -> Attempt:
    return Attempt(
        at=now,
        latency_ms=response.latency_ms,
        status=response.status,
        error=response.error,
        answer=response.answer,
    )


def _log_attempt(
    dependencies: Dependencies,
    verification: Verification,
    response: WebhookResponse,
    state: DeliveryState,
    *,
    attempt: int | None,
) -> None:
    """The answer's text is a stranger's: the record has it, the log has not."""
    observability.record(
        Event.DELIVERY_ATTEMPTED,
        verification=verification.id,
        attempt=attempt,
        state=state.value,
        status=response.status,
        error=response.error,
        latency_ms=response.latency_ms,
    )
    _measure(dependencies, verification, "accepted" if response.accepted else "failed")
    if state is DeliveryState.EXHAUSTED:
        _count_exhausted(dependencies, verification)


def _count_exhausted(dependencies: Dependencies, verification: Verification) -> None:
    observability.count(Metric.DELIVERY_EXHAUSTED)
    _measure(dependencies, verification, "exhausted")


def _measure(dependencies: Dependencies, verification: Verification, outcome: str) -> None:
    """For all clients, and for this one if a setting names it: each costs a metric of its own."""
    names = dependencies.settings.metric_clients.split(",")
    for client in {"all", *(name.strip() for name in names)} & {"all", verification.client}:
        observability.measure(Measure.DELIVERIES, 1, client=client, outcome=outcome)


def _request_next(
    dependencies: Dependencies, verification: Verification, due_at: int | None
) -> None:
    if due_at is not None:
        request_step(dependencies, Step.DELIVER_RESULT, verification, due_at)


def _record_fault(
    dependencies: Dependencies, verification: Verification, error: Exception, deadline: int
) -> Verification:
    now = dependencies.clock.now()
    due_at: int | None = now + fault_delay_ms(_delivery(verification).faults)
    if now >= faults_end_at(dependencies, verification):
        due_at = None
    code = error.code if isinstance(error, NotSent) else "deployment_fault"
    fault = Attempt(at=now, latency_ms=0, error=code)
    transition = _with_manifest_begun(
        dependencies, lambda stored: delivery_fault_recorded(stored, fault, due_at), deadline
    )
    saved = save_delivery(dependencies, verification, transition)
    observability.record_failure(Event.DELIVERY_FAULT, error, verification=verification.id)
    observability.count(Metric.DELIVERY_FAULT)
    _measure(dependencies, verification, "fault")
    if due_at is None:
        _count_exhausted(dependencies, verification)
    _request_next(dependencies, verification, due_at)
    return saved
