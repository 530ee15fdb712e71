"""The webhook's body: ids, decision, codes, scores. Compact ASCII JSON of at most 4,032 bytes."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from liveproof.clock import iso
from liveproof.domain.signals import until_decision
from liveproof.domain.verification import Verification
from liveproof.webhooks import stable_json

MAX_BODY_BYTES = 4032
"""KMS signs 4096 bytes at most. Id, timestamp and two full stops come first: 44 bytes."""

SEQUENCE_OF_DECISION = 1
"""A verification's messages are numbered; the decision is the first."""


class ReasonView(Struct, frozen=True):
    """Why a decision was taken."""

    code: str
    message: str
    vendor_code: str | None


class DecisionData(Struct, frozen=True):
    """What a webhook says of a verification, in the order of its JSON; a GET says more.

    `signals` counts, by code, what happened to the uploads before the decision that no honest app
    does. A webhook without any has no such member.

    `decision`, `reason`, `decided_at` and `sequence` are None until it is decided.
    """

    id: str
    reference: str | None
    check: str
    region: str
    decision: str | None
    reason: ReasonView | None
    scores: dict[str, float]
    decided_at: str | None
    sequence: int | None
    metadata: dict[str, str]
    signals: dict[str, int]


class WebhookMessage(Struct, frozen=True):
    """A webhook's body, in the order of its JSON."""

    type: str
    timestamp: str
    data: DecisionData


def decision_data(verification: Verification) -> DecisionData:
    """What the verification's webhook and its GET say of it."""
    verdict = verification.verdict
    reason = None
    if verdict is not None:
        reason = ReasonView(verdict.reason.code, verdict.reason.message, verdict.reason.vendor_code)
    return DecisionData(
        id=verification.id,
        reference=verification.reference,
        check=verification.check,
        region=verification.region,
        decision=verdict.decision.value if verdict else None,
        reason=reason,
        scores=verdict.scores if verdict else {},
        decided_at=iso(verdict.decided_at) if verdict else None,
        sequence=SEQUENCE_OF_DECISION if verdict else None,
        metadata=verification.metadata,
        signals=until_decision(verification),
    )


def body_of(verification: Verification) -> bytes:
    """The body of a decided verification's webhook: the same bytes at every attempt.

    Raises:
        ValueError: it is not decided, or the body would be larger than `MAX_BODY_BYTES`.
    """
    verdict = verification.verdict
    if verdict is None:
        raise ValueError("only a decided verification has a webhook")
    message = WebhookMessage(
        type=f"verification.{verdict.decision.value}",
        timestamp=iso(verdict.decided_at),
        data=decision_data(verification),
    )
    document = msgspec.to_builtins(message)
    if not message.data.signals:
        del document["data"]["signals"]
    body = stable_json.encode(document)
    if len(body) > MAX_BODY_BYTES:
        raise ValueError(f"the webhook of {verification.id} is larger than {MAX_BODY_BYTES} bytes")
    return body


TEST_TYPE = "webhook.test"

_TEST_TEXT = "Your endpoint gets webhooks. Letters to try: \u00e9 \u0416 \u771f \U0001f642"
"""It is sent with escapes. A receiver that writes the JSON again has other bytes, and its check of
the signature fails now, not at the first reference with such a letter."""


class WebhookTestData(Struct, frozen=True):
    """What a test says. It is of no verification."""

    text: str


class WebhookTestMessage(Struct, frozen=True):
    """The body of a test, in the order of its JSON."""

    type: str
    timestamp: str
    data: WebhookTestData


def body_of_test(now: int) -> bytes:
    """The body of a test that is sent at `now` (ms since 1970)."""
    message = WebhookTestMessage(TEST_TYPE, iso(now), WebhookTestData(_TEST_TEXT))
    return stable_json.encode(msgspec.to_builtins(message))
