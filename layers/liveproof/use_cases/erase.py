"""Deleting the files of a verification whose erasure was requested, and what came after that.

Nothing here needs the files' keys: everything of a verification lies under prefixes with its id.
"""

from __future__ import annotations

from liveproof import observability
from liveproof.bucket_versions import ErasableBucket
from liveproof.dependencies import Dependencies
from liveproof.domain.erasure_transitions import files_deleted, is_look_due
from liveproof.domain.ledger import CallState
from liveproof.domain.states import Status, Step
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.evidence.objects import evidence_prefixes
from liveproof.observability import Event, Metric
from liveproof.ports import Conflict
from liveproof.use_cases.limits import settle as settle_limits
from liveproof.use_cases.load_due import load_due
from liveproof.use_cases.request_step import request_step
from liveproof.use_cases.uploads import uploads_prefix

ERASED_STATES = (Status.ERASING, Status.ERASED)


def prefixes_of(verification_id: str, redo_of: str | None = None) -> tuple[str, ...]:
    """Where a verification's objects lie in the bucket.

    Args:
        redo_of: the verification whose files this one checks.
    """
    owners = [verification_id] if redo_of is None else [verification_id, redo_of]
    return (*map(uploads_prefix, owners), *evidence_prefixes(verification_id))


def erase(dependencies: Dependencies, verification_id: str, deadline: int) -> None:
    """Delete every object and every version of the verification, then say so in its record.

    A run that is stopped leaves the verification due, so the sweep requests the step until it is
    done. What is deleted already does no harm.

    Args:
        deadline: when the function is stopped (ms since 1970); unused, since a verification has a
            few dozen objects at most.

    Raises:
        Exception: the bucket's or the store's; the step must run again.
    """
    verification = load_due(dependencies, verification_id, ERASED_STATES)
    now = dependencies.clock.now()
    if (
        verification is None
        or verification.status not in ERASED_STATES
        or not verification.is_due(now)
        or not is_look_due(verification, now)
    ):
        observability.record(Event.STEP_SKIPPED, verification=verification_id)
        return
    erasure = verification.erasure
    is_first = erasure is not None and erasure.erased_at is None
    if erasure is not None and erasure.digest is not None:
        dependencies.limits.forget(erasure.digest)
    prefixes = prefixes_of(verification_id, verification.redo_of)
    objects = sum(_delete_all(dependencies.bucket, prefix) for prefix in prefixes)
    try:
        verification = _save(dependencies, verification, objects)
    except Conflict:
        observability.record(Event.STEP_SKIPPED, verification=verification_id)
        return
    if is_first and verification.verdict is None:
        settle_limits(dependencies, verification)  # no decision did
    delivery = verification.delivery
    if delivery is not None and delivery.state is DeliveryState.PENDING:
        request_step(dependencies, Step.DELIVER_RESULT, verification, verification.due_at)


def _delete_all(bucket: ErasableBucket, prefix: str) -> int:
    """How many were deleted."""
    versions = list(bucket.versions(prefix))
    for version in versions:
        bucket.delete(version)
    return len(versions)


def _save(dependencies: Dependencies, verification: Verification, objects: int) -> Verification:
    last = verification.last_call
    saved = dependencies.records.save(
        files_deleted(verification, dependencies.clock.now(), objects)
    )
    observability.record(Event.ERASED, verification=saved.id, objects=objects)
    if last is not None and last.state is CallState.CALLED:
        observability.count(Metric.CALL_OUTCOME_UNKNOWN)
    return saved
