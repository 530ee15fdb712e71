"""The manifest of a decision: one JSON document with an Ed25519 signature as its last member.

The signature is over the canonical JSON (RFC 8785) of everything else. `docs/evidence.md` describes
the document for its readers.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from liveproof import __version__, facts
from liveproof.clock import iso
from liveproof.domain.evidence import KeptFrame
from liveproof.domain.ledger import Call
from liveproof.domain.verification import Delivery, Input, Verification
from liveproof.evidence import canonical_json
from liveproof.settings import Settings
from liveproof.webhooks.keys import PrivateKey, key_id, public_key_text

FORMAT = "liveproof-evidence/1"
"""Changes when a reader of the former format would misread the new one."""

SIGNATURE = "signature"
ALGORITHM = "Ed25519"


def signed(document: Mapping[str, Any], key: PrivateKey) -> bytes:
    """The document with its signature, in canonical form."""
    value = key.sign(canonical_json.encode(document))
    public_key = key.public_key()
    signature = {
        "algorithm": ALGORITHM,
        "key_id": key_id(public_key),
        "public_key": public_key_text(public_key),
        "value": base64.b64encode(value).decode("ascii"),
    }
    return canonical_json.encode({**document, SIGNATURE: signature})


def build_manifest(verification: Verification, settings: Settings, now: int) -> dict[str, Any]:
    """What is signed at `now` (ms since 1970). It names no person and has no URL.

    Raises:
        ValueError: the verification is not decided.
    """
    verdict = verification.verdict
    if verdict is None:
        raise ValueError("only a decided verification has a manifest")
    evidence = verification.evidence
    return {
        "format": FORMAT,
        "id": verification.id,
        "client": verification.client,
        "check": verification.check,
        "place": {
            "cloud": settings.cloud,
            "region": settings.region,
            "vendor_region": verification.region,
            "bucket": settings.bucket,
        },
        "decision": {
            "decision": verdict.decision.value,
            "reason": verdict.reason.code,
            "vendor_code": verdict.reason.vendor_code,
            "scores": dict(verdict.scores),
        },
        "threshold": {"value": verification.threshold, "from": verification.threshold_from},
        "challenge": _challenge(verification),
        "consent": verification.consent,
        "inputs": {name: _input(file) for name, file in verification.inputs.items()},
        "frames": [_frame(frame) for frame in evidence.frames] if evidence else [],
        "frames_missing": evidence.missing if evidence else None,
        "calls": [_call(call) for call in verification.calls],
        "times": {
            "created_at": iso(verification.created_at),
            "ready_at": _time(verification.ready_at),
            "decided_at": iso(verdict.decided_at),
            "signed_at": iso(now),
        },
        "delivery": _delivery(verification.delivery),
        "signals": [
            {"code": code, "count": count} for code, count in sorted(verification.signals.items())
        ],
        "audit": {
            "entries": len(verification.audit.entries) + verification.audit.folded,
            "head": verification.audit.head or None,
        },
        "software": f"liveproof {__version__}",
    }


def _time(at: int | None) -> str | None:
    return None if at is None else iso(at)


def _challenge(verification: Verification) -> dict[str, Any] | None:
    challenge = verification.challenge
    return None if challenge is None else {"type": challenge.type, "data": challenge.data}


def _input(file: Input) -> dict[str, Any]:
    proof = file.proof
    return {
        "state": file.state.value,
        "reason": file.reason,
        "key": file.proven_key,
        "version": proof.version if proof else None,
        "etag": proof.etag if proof else None,
        "md5": file.md5,
        "sha256": proof.sha256 if proof else None,
        "size": file.size,
        "content_type": file.content_type,
        "format": proof.format if proof else None,
    }


def _frame(frame: KeptFrame) -> dict[str, Any]:
    return {
        "key": frame.key,
        "md5": frame.md5,
        "sha256": frame.sha256 or None,
        "size": frame.size,
        "content_type": "image/jpeg",
        "format": "jpeg",
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "number": call.number,
        "action": call.action,
        "version": call.version,
        "region": call.region,
        "face_model": call.face_model,
        "state": call.state.value,
        "outcome": call.outcome.value if call.outcome else None,
        "code": call.code,
        "request_id": call.request_id,
        "score": call.score,
        "billable": call.billable,
        "latency_ms": call.latency_ms,
        "code_table": _code_table(call),
        "intent_at": iso(call.intent_at),
        "called_at": _time(call.called_at),
        "settled_at": _time(call.settled_at),
    }


def _code_table(call: Call) -> dict[str, str] | None:
    """The code table that judged the answer; its version is its date."""
    api = facts.apis().get(call.action)
    if api is None or call.codes_date is None:
        return None
    return {"name": api.codes, "date": call.codes_date}


def _delivery(delivery: Delivery | None) -> dict[str, Any] | None:
    if delivery is None:
        return None
    last = delivery.last_attempt
    return {
        "number": delivery.number,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "last_status": last.status if last else None,
        "last_error": last.error if last else None,
        "last_at": _time(last.at if last else None),
    }
