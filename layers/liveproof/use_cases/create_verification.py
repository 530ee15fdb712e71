"""Creating a verification: the request is validated before anything is uploaded."""

from __future__ import annotations

import hashlib
import json

from liveproof import observability
from liveproof.checks.thresholds import BelowFloor, Threshold, choose_threshold
from liveproof.dependencies import Dependencies
from liveproof.domain.audit import CLIENT, What, audited
from liveproof.domain.ids import new_verification_id
from liveproof.domain.requests import CreateVerification
from liveproof.domain.verification import Input, Verification
from liveproof.facts import CheckFacts
from liveproof.observability import Event
from liveproof.ports import Conflict, IdempotencyClaim, IdempotencyConflict, PresignedUpload
from liveproof.secret_documents import ApiClient
from liveproof.use_cases import limits
from liveproof.use_cases.errors import (
    IdempotencyKeyReused,
    InvalidRequest,
    InvalidState,
    NotFound,
    RetryLater,
)
from liveproof.use_cases.uploads import new_key, presign_missing
from liveproof.use_cases.validate_request import parse_challenge, validate

IDEMPOTENCY_LIFETIME_MS = 24 * 60 * 60 * 1000


def create_verification(
    dependencies: Dependencies,
    client_name: str,
    client: ApiClient,
    request: CreateVerification,
    idempotency_key: str | None,
) -> tuple[Verification, dict[str, PresignedUpload]]:
    """Store a new verification and presign an upload for each of its inputs.

    The same idempotency key with the same request leads to the same verification for a day.

    Raises:
        InvalidRequest: with the field and its limit.
        IdempotencyKeyReused: the key came with another request before.
        InvalidState: the same key is being used at this moment.
        NotFound: the verification that the key led to is gone.
        RetryLater: a limit is reached (`use_cases/limits.py`). Nothing was created.
    """
    check = validate(dependencies, request)
    now = dependencies.clock.now()
    verification_id = new_verification_id(now)
    expires_at = now + request.expires_in * 1000
    threshold = _threshold(check.facts, client, request)
    verification = Verification(
        id=verification_id,
        client=client_name,
        check=request.check,
        region=check.region,
        created_at=now,
        expires_at=expires_at,
        due_at=expires_at,
        threshold=threshold.value,
        threshold_from=threshold.origin,
        challenge=parse_challenge(request),
        reference=request.reference,
        metadata=request.metadata,
        consent=request.consent_reference,
        inputs={
            name: Input(
                md5=declared.md5.lower(),
                size=declared.size,
                content_type=declared.content_type,
                keys=(new_key(verification_id, name),),
            )
            for name, declared in request.inputs.items()
        },
    )
    verification = audited(
        verification, What.CREATED, now, CLIENT, check=request.check, region=check.region
    )
    claim = _claim(client_name, request, idempotency_key, now)
    try:
        verification = limits.reserve(dependencies, verification)
    except RetryLater:
        claimed = None if claim is None else dependencies.records.claimed(claim.key, now)
        if claimed is None:
            raise
        verification = _earlier(dependencies, claim, *claimed)
        return verification, presign_missing(dependencies, verification)
    try:
        verification = dependencies.records.save(verification, claim)
    except IdempotencyConflict as conflict:
        limits.give_up(dependencies, verification)
        verification = _earlier(dependencies, claim, conflict.verification_id, conflict.fingerprint)
    except Conflict:
        limits.give_up(dependencies, verification)
        raise InvalidState(
            "a request with this Idempotency-Key is being served; ask again", "Idempotency-Key"
        ) from None
    else:
        observability.record(
            Event.VERIFICATION_CREATED, verification=verification.id, check=verification.check
        )
    return verification, presign_missing(dependencies, verification)


def _earlier(
    dependencies: Dependencies,
    claim: IdempotencyClaim | None,
    verification_id: str,
    fingerprint: str,
) -> Verification:
    """The verification for which the idempotency key was used before."""
    if claim is None or fingerprint != claim.fingerprint:
        raise IdempotencyKeyReused(
            "this Idempotency-Key came with another request before", "Idempotency-Key"
        )
    earlier = dependencies.records.load(verification_id)
    if earlier is None:
        raise NotFound("the verification that this Idempotency-Key created is gone")
    return earlier


def _threshold(facts: CheckFacts, client: ApiClient, request: CreateVerification) -> Threshold:
    floor = client.threshold_floors.get(request.check, 0.0)
    of_client = client.thresholds.get(request.check)
    try:
        return choose_threshold(facts, request.threshold, of_client, floor)
    except BelowFloor as below:
        raise InvalidRequest(str(below), "threshold") from None


def _claim(
    client_name: str, request: CreateVerification, idempotency_key: str | None, now: int
) -> IdempotencyClaim | None:
    if idempotency_key is None:
        return None
    key = hashlib.sha256(f"{client_name}\0{idempotency_key}".encode()).hexdigest()
    inputs = {
        name: [declared.md5.lower(), declared.size, declared.content_type]
        for name, declared in request.inputs.items()
    }
    # Left out where there is none: the digests of requests without it stay as they were.
    consent = [] if request.consent_reference is None else [request.consent_reference]
    meant = json.dumps(
        [
            request.check,
            inputs,
            request.reference,
            request.metadata,
            request.threshold,
            request.challenge and [request.challenge.type, request.challenge.data],
            request.expires_in,
            *consent,
        ],
        sort_keys=True,
    )
    return IdempotencyClaim(
        key=key,
        fingerprint=hashlib.sha256(meant.encode()).hexdigest(),
        expires_at=now + IDEMPOTENCY_LIFETIME_MS,
    )
