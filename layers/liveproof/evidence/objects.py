"""Where evidence lies in the bucket, and as what.

The decision comes first in a key: a bucket's own rules delete by prefix (`infra/retention.json`).
"""

from __future__ import annotations

from liveproof.domain.verification import Decision, Verification

MANIFEST_TYPE = "application/json"
MANIFEST_NAME = "manifest.json"


def evidence_prefix(verification_id: str, decision: Decision) -> str:
    """What the keys of a verification's evidence begin with."""
    return f"evidence/{decision.value}/{verification_id}/"


def evidence_prefixes(verification_id: str) -> tuple[str, ...]:
    """What the keys of a verification's evidence may begin with.

    The last one is that of versions before 2026-11-27.
    """
    prefixes = (evidence_prefix(verification_id, decision) for decision in Decision)
    return (*prefixes, f"evidence/{verification_id}/")


def manifest_key(verification: Verification) -> str:
    """Where a decided verification's manifest lies. Raises ValueError for another."""
    if verification.verdict is None:
        raise ValueError("only a decided verification has a manifest")
    return f"{evidence_prefix(verification.id, verification.verdict.decision)}{MANIFEST_NAME}"
