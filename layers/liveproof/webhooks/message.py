"""The webhook's body: ids, decision, codes, scores. Compact ASCII JSON of at most 4,032 bytes."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from liveproof.clock import iso
from liveproof.domain.ids import webhook_id
from liveproof.domain.signals import until_decision
from liveproof.domain.verification import Verification
from liveproof.webhooks import stable_json

MAX_BODY_BYTES = 4032
"""KMS signs 4096 bytes at most. Id, timestamp and two full stops come first: 44 bytes."""

SEQUENCE_OF_DECISION = 1
SEQUENCE_OF_ERASURE = 2
"""A verification's messages are numbered: its decision, then its erasure."""

ERASED_TYPE = "verification.erased"


class ReasonView(Struct, frozen=True):
    """Why a decision was taken."""

    code: str
    message: str
    vendor_code: str | None


class DecisionData(Struct, frozen=True):
    """What a webhook says of a verification, in the order of its JSON; a GET says more.

    `signals` counts, by code, what happened to the uploads before the decision that no honest app
    does. A webhook without any has no such member.

    `decision`, `reason`, `decided_at` and `sequence` are None until it is decided. Once it is
    erased, what a person could be found by is None or empty, and `sequence` is the erasure's.
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
        sequence=sequence_of(verification),
        metadata=verification.metadata,
        signals=until_decision(verification),
    )


def sequence_of(verification: Verification) -> int | None:
    """The number of the verification's latest message; None until there is one."""
    if verification.erasure is not None and verification.erasure.erased_at is not None:
        return SEQUENCE_OF_ERASURE
    return SEQUENCE_OF_DECISION if verification.verdict else None


def message_id_of(verification: Verification) -> str:
    """The `webhook-id` of the verification's latest message. Raises ValueError if it has none."""
    sequence = sequence_of(verification)
    if sequence is None:
        raise ValueError("only a decided or erased verification has a webhook")
    return webhook_id(verification.id, sequence)


def build_body(verification: Verification) -> bytes:
    """The body of a decided or erased verification's webhook: the same bytes at every attempt.

    Raises:
        ValueError: it is neither, or the body would be larger than `MAX_BODY_BYTES`.
    """
    verdict, erasure = verification.verdict, verification.erasure
    if erasure is not None and erasure.erased_at is not None:
        type_, at = ERASED_TYPE, erasure.erased_at
    elif erasure is None and verdict is not None:
        type_, at = f"verification.{verdict.decision.value}", verdict.decided_at
    else:
        raise ValueError("only a decided or erased verification has a webhook")
    message = WebhookMessage(type=type_, timestamp=iso(at), data=decision_data(verification))
    document = msgspec.to_builtins(message)
    if not message.data.signals:
        del document["data"]["signals"]
    body = stable_json.encode(document)
    if verification.redo_of is not None:
        document["data"]["redo_of"] = verification.redo_of
        longer = stable_json.encode(document)
        # It is left out rather than the webhook: a GET has it.
        body = longer if len(longer) <= MAX_BODY_BYTES else body
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
