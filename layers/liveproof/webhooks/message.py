"""The webhook's body: ids, decision, codes, scores. Compact ASCII JSON of at most 4 kB."""

from __future__ import annotations

import json
from typing import Any

from liveproof.clock import iso
from liveproof.domain.verification import Verification

MAX_BODY_BYTES = 4096
SEQUENCE_OF_DECISION = 1
"""A verification's messages are numbered; the decision is the first."""


def decision_data(verification: Verification) -> dict[str, Any]:
    """A verification's facts, as its webhook and its GET tell them. Null until decided."""
    verdict = verification.verdict
    reason = None
    if verdict is not None:
        reason = {
            "code": verdict.reason.code,
            "message": verdict.reason.message,
            "vendor_code": verdict.reason.vendor_code,
        }
    return {
        "id": verification.id,
        "reference": verification.reference,
        "check": verification.check,
        "region": verification.region,
        "decision": verdict.decision.value if verdict else None,
        "reason": reason,
        "scores": verdict.scores if verdict else {},
        "decided_at": iso(verdict.decided_at) if verdict else None,
        "sequence": SEQUENCE_OF_DECISION if verdict else None,
        "metadata": verification.metadata,
    }


def body_of(verification: Verification) -> bytes:
    """The body of a decided verification's webhook: the same bytes at every attempt.

    Raises:
        ValueError: it is not decided, or the body would be larger than 4 kB.
    """
    verdict = verification.verdict
    if verdict is None:
        raise ValueError("only a decided verification has a webhook")
    message = {
        "type": f"verification.{verdict.decision.value}",
        "timestamp": iso(verdict.decided_at),
        "data": decision_data(verification),
    }
    body = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    if len(body) > MAX_BODY_BYTES:
        raise ValueError(f"the webhook of {verification.id} is larger than {MAX_BODY_BYTES} bytes")
    return body
