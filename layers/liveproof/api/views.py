"""Verifications as the HTTP API shows them."""

from __future__ import annotations

from msgspec import structs

from liveproof.api.schemas import (
    AttemptView,
    CallView,
    ChallengeView,
    Created,
    DeliveryView,
    EndpointFailureView,
    EndpointTestView,
    ErasureView,
    EvidenceFiles,
    EvidenceFileView,
    EvidenceView,
    FrameView,
    InputView,
    Upload,
    VerificationView,
    WebhookHealth,
    WebhookKey,
    WebhookKeys,
    WebhookTestView,
)
from liveproof.clock import iso
from liveproof.domain.endpoint_permits import Endpoint
from liveproof.domain.erasure import Erasure
from liveproof.domain.evidence import Evidence
from liveproof.domain.ledger import Call
from liveproof.domain.verification import Attempt, Challenge, Delivery, Verification
from liveproof.ports import PresignedUpload
from liveproof.use_cases import list_webhook_keys
from liveproof.use_cases.read_evidence import EvidenceLinks
from liveproof.use_cases.send_test_webhook import WebhookTest
from liveproof.webhooks.explanation import explain_response
from liveproof.webhooks.message import decision_data


def created_view(verification: Verification, uploads: dict[str, PresignedUpload]) -> Created:
    """The answer to a creation or renewal."""
    return Created(
        id=verification.id,
        status=verification.status.value,
        check=verification.check,
        region=verification.region,
        expires_at=iso(verification.expires_at),
        uploads={
            name: Upload(upload.method, upload.url, upload.headers, iso(upload.expires_at))
            for name, upload in uploads.items()
        },
    )


def verification_view(verification: Verification) -> VerificationView:
    """The webhook's `data`, plus states."""
    return VerificationView(
        **{**structs.asdict(decision_data(verification)), "signals": dict(verification.signals)},
        status=verification.status.value,
        threshold=verification.threshold,
        challenge=_challenge_view(verification.challenge),
        created_at=iso(verification.created_at),
        expires_at=iso(verification.expires_at),
        inputs={
            name: InputView(
                declared.state.value,
                declared.md5,
                declared.size,
                declared.content_type,
                declared.reason,
            )
            for name, declared in verification.inputs.items()
        },
        calls=[_call_view(call) for call in verification.calls],
        delivery=_delivery_view(verification.delivery),
        evidence=_evidence_view(verification.evidence),
        waiting_for=verification.waiting_for.value if verification.waiting_for else None,
        consent_reference=verification.consent,
        erasure=_erasure_view(verification.erasure),
        redo_of=verification.redo_of,
    )


def _erasure_view(erasure: Erasure | None) -> ErasureView | None:
    if erasure is None:
        return None
    return ErasureView(iso(erasure.requested_at), _iso_or_none(erasure.erased_at))


def _challenge_view(challenge: Challenge | None) -> ChallengeView | None:
    return None if challenge is None else ChallengeView(challenge.type, challenge.data)


def _evidence_view(evidence: Evidence | None) -> EvidenceView | None:
    if evidence is None:
        return None
    frames = [FrameView(frame.key, frame.md5, frame.size) for frame in evidence.frames]
    return EvidenceView(frames, evidence.missing)


def _call_view(call: Call) -> CallView:
    return CallView(
        number=call.number,
        action=call.action,
        region=call.region,
        state=call.state.value,
        outcome=call.outcome.value if call.outcome else None,
        code=call.code,
        request_id=call.request_id,
        latency_ms=call.latency_ms,
        billable=call.billable,
    )


def _delivery_view(delivery: Delivery | None) -> DeliveryView | None:
    if delivery is None:
        return None
    last = delivery.last_attempt
    return DeliveryView(
        number=delivery.number,
        state=delivery.state.value,
        attempts=delivery.attempts,
        last_status=last.status if last else None,
        last_error=last.error if last else None,
        log=[_attempt_view(attempt) for attempt in delivery.log],
        log_dropped=delivery.dropped,
    )


def _attempt_view(attempt: Attempt) -> AttemptView:
    return AttemptView(
        delivery=attempt.delivery,
        number=attempt.number,
        at=iso(attempt.at),
        latency_ms=attempt.latency_ms,
        status=attempt.status,
        error=attempt.error,
        answer=attempt.answer,
        next_at=None if attempt.next_at is None else iso(attempt.next_at),
    )


def webhook_keys_view(
    keys: list[list_webhook_keys.WebhookKey], evidence_keys: list[list_webhook_keys.WebhookKey]
) -> WebhookKeys:
    """The public keys of webhooks and of evidence."""
    return WebhookKeys([_key_view(key) for key in keys], [_key_view(key) for key in evidence_keys])


def _key_view(key: list_webhook_keys.WebhookKey) -> WebhookKey:
    not_after = None if key.not_after is None else iso(key.not_after)
    return WebhookKey(key.id, key.public_key, not_after)


def evidence_view(links: EvidenceLinks) -> EvidenceFiles:
    """The URLs of a decision's evidence."""
    verdict = links.verification.verdict
    return EvidenceFiles(
        id=links.verification.id,
        decision=verdict.decision.value if verdict else "",
        manifest=None if links.manifest is None else EvidenceFileView(*links.manifest),
        manifest_missing=links.manifest_missing,
        frames=[EvidenceFileView(*frame) for frame in links.frames],
        frames_missing=links.frames_missing,
        expires_at=iso(links.expires_at),
    )


def webhook_health_view(endpoint: Endpoint, now: int) -> WebhookHealth:
    """A client's endpoint at a time (ms since 1970)."""
    health = endpoint.health
    failure = test = None
    if health.failing_since:
        failure = EndpointFailureView(iso(health.failed_at), health.failed_answer, health.failed_ms)
    if health.tested_at:
        test = EndpointTestView(
            iso(health.tested_at), health.test_answer, _iso_or_none(health.proven_at)
        )
    return WebhookHealth(
        state=health.state.value,
        attempts_in_flight=len(endpoint.in_flight(now)),
        failing_since=_iso_or_none(health.failing_since),
        failures=health.failures,
        last_failure=failure,
        paused_since=_iso_or_none(health.paused_at),
        paused_because=("gone" if health.gone else "failures") if health.paused_at else None,
        next_probe_at=_iso_or_none(health.probe_at),
        last_test=test,
    )


def _iso_or_none(at: int | None) -> str | None:
    return iso(at) if at else None


def webhook_test_view(client: str, test: WebhookTest) -> WebhookTestView:
    """How the client's endpoint took a test."""
    response = test.response
    explanation = explain_response(response)
    return WebhookTestView(
        accepted=response.accepted,
        client=client,
        webhook_id=test.webhook_id,
        status=response.status,
        error=response.error,
        latency_ms=response.latency_ms,
        answer=response.answer,
        explanation=explanation.meaning,
        advice=explanation.advice,
    )
