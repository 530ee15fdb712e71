"""After an upload: it is proven or refused. Without one, the verification expires."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from liveproof import heartbeats, observability
from liveproof.dependencies import Dependencies
from liveproof.domain import signals
from liveproof.domain.erasure_transitions import late_upload_noticed
from liveproof.domain.lease import lease_until
from liveproof.domain.lifecycle import (
    input_proven,
    input_refused,
    last_look_begun,
)
from liveproof.domain.retries import LONGEST_FAILING_MS
from liveproof.domain.states import Status, Step
from liveproof.domain.verification import InputState, Proof, Verification
from liveproof.observability import Event, Metric
from liveproof.ports import Conflict, ObjectMissing
from liveproof.use_cases.conclude import conclude, publish_decision, verdict_of
from liveproof.use_cases.prove_bytes import UploadRefused, prove
from liveproof.use_cases.request_step import request_step
from liveproof.use_cases.uploads import key_owner, probe_token

_SAVE_TRIES = 10
_MARGIN_MS = 45_000
"""No proof begins so shortly before the function is stopped: one read of a bucket that does not
answer takes three tries of up to 13 seconds."""

READING_GRACE_MS = 60 * 60 * 1000
"""How long after its expiry a verification waits for a bucket that cannot be read at the moment, if
every missing input may be there. The bucket keeps uploads for a day at least."""


def object_created(dependencies: Dependencies, key: str) -> None:
    """Prove the object that appeared under `key`. Repeated and late events change nothing.

    Raises:
        Conflict: other changes were saved first, again and again; the event must be retried.
    """
    token = probe_token(key)
    if token is not None:
        observability.record(Event.PROBE_ARRIVED, token=token)
        dependencies.heartbeats.beat(heartbeats.BUCKET_TRIGGER, dependencies.clock.now(), token)
        return
    owner = key_owner(key)
    if owner is None:
        observability.record(Event.UPLOAD_IGNORED)
        return
    _prove(dependencies, owner[0], owner[1], key, is_event=True)


def uploads_due(dependencies: Dependencies, verification_id: str, deadline: int) -> None:
    """At the verification's expiry: prove the uploads whose event was lost, or let it expire.

    A file that cannot be read does not stop the others from being proven. It delays the expiry by
    `READING_GRACE_MS` at most.

    Args:
        deadline: when the function is stopped (ms since 1970). The next run proves the rest.

    Raises:
        Exception: a file could not be read or its proof not be saved, and a retry may succeed; the
            step must run again.
    """
    verification = dependencies.records.load(verification_id)
    if verification is None or verification.status is not Status.AWAITING_UPLOAD:
        observability.record(Event.STEP_SKIPPED, verification=verification_id)
        return
    now = dependencies.clock.now()
    if now >= verification.expires_at + LONGEST_FAILING_MS:
        if not verification.is_due(now):
            observability.record(Event.STEP_SKIPPED, verification=verification_id)
            return
        if verification.runs > 0:
            # The last look did not end either, not even with an error: nothing is read any more.
            observability.count(Metric.RUNS_EXHAUSTED)
            conclude(dependencies, verification, verdict_of("not_finished", now))
            return
        # Perhaps no run failed because there was none: the sweep itself may have stood still.
        begun = last_look_begun(verification, lease_until(deadline))
        verification = dependencies.records.save(begun)
    looks = {
        name: _look_for(dependencies, verification, name, deadline)
        for name, declared in verification.inputs.items()
        if declared.state is InputState.MISSING
    }
    verification = dependencies.records.load(verification_id)
    _count_found(verification, looks)
    now = dependencies.clock.now()
    if (
        verification is None
        or verification.status is not Status.AWAITING_UPLOAD
        or now < verification.expires_at
    ):
        return
    missing = [
        name
        for name, declared in verification.inputs.items()
        if declared.state is InputState.MISSING
    ]
    if not all(looks[name].may_be_there for name in missing):
        conclude(dependencies, verification, verdict_of("uploads_expired", now))
        return
    failure = next((look.failure for look in looks.values() if look.failure), None)
    if failure is None:
        return  # Out of time; the next run goes on.
    if now < verification.expires_at + READING_GRACE_MS:
        raise failure
    conclude(dependencies, verification, verdict_of("uploads_unread", now))


class _Look(NamedTuple):
    """The result of looking for an input under all its keys.

    Attributes:
        may_be_there: some key could not be looked at, or not be read.
        failure: the last error of a key that could not be read.
    """

    may_be_there: bool = False
    failure: Exception | None = None


def _look_for(
    dependencies: Dependencies, verification: Verification, name: str, deadline: int
) -> _Look:
    """Look for an input without an event, under each of its keys, and prove it."""
    look = _Look()
    for key in verification.inputs[name].keys:
        if dependencies.clock.now() > deadline - _MARGIN_MS:
            return look._replace(may_be_there=True)
        try:
            _prove(dependencies, verification.id, name, key)
        except Exception as error:  # noqa: BLE001 - no failure may keep a verification from its end
            observability.record_failure(Event.UPLOAD_UNREAD, error, verification=verification.id)
            look = _Look(may_be_there=True, failure=error)
    return look


def _count_found(verification: Verification | None, awaited: Iterable[str]) -> None:
    """Count the inputs that were in the bucket although no event came for them.

    A verification whose erasure was requested meanwhile has no inputs any more.
    """
    inputs = verification.inputs if verification else {}
    for name in awaited:
        if name in inputs and inputs[name].state is not InputState.MISSING:
            observability.count(Metric.UPLOAD_FOUND_LATE)


def _prove(
    dependencies: Dependencies, verification_id: str, name: str, key: str, *, is_event: bool = False
) -> None:
    verification = dependencies.records.load(verification_id)
    if verification is not None and verification.erasure is not None:
        _delete_late(dependencies, verification)
        return
    if verification is None or not _awaits(verification, name, key):
        observability.record(Event.UPLOAD_IGNORED, verification=verification_id, input=name)
        if is_event and verification is not None:
            _count_signal(dependencies, verification, name, key)
        return
    try:
        proof = prove(dependencies.bucket, verification, name, key)
    except ObjectMissing:
        observability.record(Event.UPLOAD_IGNORED, verification=verification_id, input=name)
    except UploadRefused as refused:
        _save_refusal(dependencies, verification, name, key, refused)
    else:
        _save_proof(dependencies, verification, name, key, proof)


def _delete_late(dependencies: Dependencies, verification: Verification) -> None:
    """Let the file be deleted by the step that may. Raises Conflict: the event must come again."""
    saved = dependencies.records.save(late_upload_noticed(verification, dependencies.clock.now()))
    observability.record(Event.UPLOAD_AFTER_ERASURE, verification=verification.id)
    request_step(dependencies, Step.ERASE, saved, saved.due_at)


def _count_signal(
    dependencies: Dependencies, verification: Verification, name: str, key: str
) -> None:
    """Keep what an event means that concerns no awaited input. A change that comes first wins."""
    signal = signals.signal_of_event(verification, name, key)
    if signal is None:
        return
    after = signals.counted(verification, signal)
    if after.signals == verification.signals:
        return
    try:
        dependencies.records.save(after)
    except Conflict:
        return
    observability.record(
        Event.SIGNAL_COUNTED, verification=verification.id, input=name, signal=signal.value
    )


def _awaits(verification: Verification, name: str, key: str) -> bool:
    if verification.status is not Status.AWAITING_UPLOAD:
        return False
    declared = verification.inputs.get(name)
    return declared is not None and declared.state is InputState.MISSING and key in declared.keys


def _save_proof(
    dependencies: Dependencies, loaded: Verification, name: str, key: str, proof: Proof
) -> None:
    def change(verification: Verification) -> Verification:
        proven = input_proven(verification, name, key, proof, dependencies.clock.now())
        content_type = verification.inputs[name].content_type
        signal = signals.signal_of_format(content_type, proof.format)
        return proven if signal is None else signals.counted(proven, signal)

    saved = _save_change(dependencies, loaded, name, key, change)
    if saved is None:
        return
    observability.record(Event.INPUT_PROVEN, verification=saved.id, input=name)
    if saved.status is Status.READY:
        request_step(dependencies, Step.RUN_CHECK, saved)


def _save_refusal(
    dependencies: Dependencies, loaded: Verification, name: str, key: str, refused: UploadRefused
) -> None:
    def change(verification: Verification) -> Verification:
        verdict = verdict_of(refused.reason, dependencies.clock.now())
        signal = signals.OF_REFUSALS.get(refused.reason)
        if signal is not None:
            verification = signals.counted(verification, signal)
        return input_refused(verification, name, key, verdict)

    saved = _save_change(dependencies, loaded, name, key, change)
    if saved is None:
        return
    observability.record(
        Event.INPUT_REFUSED,
        verification=saved.id,
        input=name,
        reason=refused.reason,
        kind=refused.kind,
    )
    publish_decision(dependencies, saved)


def _save_change(
    dependencies: Dependencies,
    loaded: Verification,
    name: str,
    key: str,
    change: Callable[[Verification], Verification],
) -> Verification | None:
    """Apply `change` to the version that was loaded, or to a newer one that was saved since.

    Returns:
        The saved verification, None if the input is no longer awaited.

    Raises:
        Conflict: after `_SAVE_TRIES` tries.
    """
    verification: Verification | None = loaded
    for _ in range(_SAVE_TRIES):
        if verification is None or not _awaits(verification, name, key):
            observability.record(Event.UPLOAD_IGNORED, verification=loaded.id, input=name)
            return None
        try:
            return dependencies.records.save(change(verification))
        except Conflict:
            verification = dependencies.records.load(loaded.id)
    raise Conflict(f"{loaded.id} kept changing")
