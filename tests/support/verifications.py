"""Verifications in the states that tests begin with."""

from __future__ import annotations

from typing import Any, Final

from liveproof.domain import lifecycle
from liveproof.domain.ids import new_verification_id
from liveproof.domain.ledger import CallOutcome, Settlement
from liveproof.domain.verification import (
    Decision,
    Input,
    Proof,
    Reason,
    Verdict,
    Verification,
)
from liveproof.ports import IdempotencyClaim

NOW: Final = 1_795_000_000_000
"""When every verification is created, in milliseconds since the epoch."""
DAY_MS: Final = 86_400_000


def verification(**changes: Any) -> Verification:
    """A new verification of `reflect`; `changes` are fields."""
    values: dict[str, Any] = {
        "id": new_verification_id(NOW),
        "client": "shop",
        "check": "reflect",
        "region": "ap-singapore",
        "created_at": NOW,
        "expires_at": NOW + 900_000,
        "due_at": NOW + 900_000,
        "threshold": 70.0,
        "inputs": {
            name: Input(md5="0" * 32, size=1, content_type="x/y", keys=(f"uploads/{name}",))
            for name in ("live_data", "image")
        },
    }
    return Verification(**{**values, **changes})


PROOF: Final = Proof(sha256="0" * 64, etag="etag")


def verdict(decision: Decision, at: int = NOW) -> Verdict:
    """A verdict whose reason code names the decision."""
    reason = Reason(code=f"because-{decision.value}", message="because")
    return Verdict(decision=decision, reason=reason, decided_at=at)


def ready() -> Verification:
    """Every input is proven."""
    entry = verification()
    for name in entry.inputs:
        entry = lifecycle.input_proven(entry, name, f"uploads/{name}", PROOF, NOW)
    return entry


def called() -> Verification:
    """The paid call is recorded as sent, and not yet as settled."""
    intended = lifecycle.call_intended(ready(), "Action", "region", NOW, NOW + 1)
    return lifecycle.call_sent(intended, NOW, NOW + 1)


def settled(outcome: CallOutcome, before: Verification | None = None) -> Verification:
    """The call of `before` (default: of `called()`) is settled with this outcome."""
    return lifecycle.call_settled(before or called(), NOW, Settlement(outcome), lease_until=NOW + 1)


def claim(
    key: str = "key", fingerprint: str = "print", expires_at: int = NOW + DAY_MS
) -> IdempotencyClaim:
    """A claim of an idempotency key."""
    return IdempotencyClaim(key=key, fingerprint=fingerprint, expires_at=expires_at)


def numbered(number: int, **changes: object) -> Verification:
    """A new verification whose id is this number, so that ids have an order."""
    return verification(id=f"ver_{number:026d}", **changes)
