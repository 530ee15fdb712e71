"""Storing the signed manifest of a decision, once its webhook is on the way.

The manifest comes after the attempt, so that no webhook waits for it. Until the record says that it
is stored, the verification stays due, and `sweep` requests the step again.
"""

from __future__ import annotations

import hashlib

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.delivery_transitions import (
    manifest_awaited,
    manifest_begun,
    manifest_missing,
    manifest_signed,
)
from liveproof.domain.evidence import Manifest
from liveproof.domain.lease import lease_until
from liveproof.domain.retries import manifest_delay_ms
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.evidence.objects import MANIFEST_TYPE, manifest_key
from liveproof.evidence.signing_keys import signing_key_at
from liveproof.observability import Event, Metric
from liveproof.secret_documents import Webhooks, read_secret
from liveproof.use_cases.retention import faults_end_at
from liveproof.use_cases.save_delivery import save_delivery
from liveproof.webhooks.keys import PrivateKey

NO_KEY = "no_key"
"""Why there is no manifest: the secret of the webhooks has no key of evidence that signs now."""

NOT_SIGNED = "not_signed"
"""Why there is no manifest: signing failed for as long as the record is kept."""

_SHORTEST_MS = 10_000
"""With less time than this left, the manifest is left to the next run."""


def begin_manifest(
    dependencies: Dependencies, verification: Verification, deadline: int
) -> Verification:
    """What the verification's next write says of its manifest; not yet saved.

    That there is none, or that this run may store it. The run may not if another one may, or may
    make the next attempt before this run is stopped. If the delivery ended, the verification stays
    due, so that another run signs where this one cannot: ever more rarely, the longer that takes.

    Args:
        verification: a decided one.
        deadline: when the function is stopped (ms since 1970).
    """
    if verification.manifest is not None:
        return verification
    now, lease = dependencies.clock.now(), lease_until(deadline)
    if _signing_until(verification) <= now:
        if _has_no_key(dependencies):
            return manifest_missing(verification, NO_KEY)
        if now >= faults_end_at(dependencies, verification):
            return manifest_missing(verification, NOT_SIGNED)
        if deadline - now >= _SHORTEST_MS and not _is_due_before(verification, deadline):
            verification = manifest_begun(verification, lease)
    again = now + manifest_delay_ms(max(0, now - _awaited_since(verification)))
    return manifest_awaited(verification, max(lease, _signing_until(verification), again))


def has_begun(before: Verification, after: Verification) -> bool:
    """Whether what made `after` of `before` lets this run store the manifest."""
    return _signing_until(after) not in (0, _signing_until(before))


def sign_evidence(dependencies: Dependencies, verification: Verification) -> None:
    """Sign and store the manifest of a decision.

    A failure is logged and counted: the verification stays due.

    Args:
        verification: as it is stored. This run may store its manifest.

    Raises:
        Conflict: another change came first.
    """
    try:
        manifest = _store(dependencies, verification)
    except Exception as error:  # noqa: BLE001 - whatever it is, the delivery goes on
        observability.record_failure(Event.MANIFEST_DELAYED, error, verification=verification.id)
        observability.count(Metric.MANIFEST_DELAYED)
        return
    save_delivery(dependencies, verification, lambda stored: manifest_signed(stored, manifest))
    observability.record(Event.MANIFEST_SIGNED, verification=verification.id, key=manifest.key_id)


def _signing_until(verification: Verification) -> int:
    """Until when a run may store the manifest (ms since 1970); 0 where none has begun."""
    delivery = verification.delivery
    return (delivery and delivery.signing_until) or 0


def _awaited_since(verification: Verification) -> int:
    """Since when the manifest of a delivery that has ended is awaited (ms since 1970)."""
    delivery, verdict = verification.delivery, verification.verdict
    if delivery is not None and delivery.last_attempt is not None:
        return delivery.last_attempt.at
    return 0 if verdict is None else verdict.decided_at


def _is_due_before(verification: Verification, deadline: int) -> bool:
    """Whether the next attempt may begin before this run is stopped."""
    delivery, due_at = verification.delivery, verification.due_at
    is_pending = delivery is not None and delivery.state is DeliveryState.PENDING
    return is_pending and due_at is not None and due_at < deadline


def _has_no_key(dependencies: Dependencies) -> bool:
    """Whether there is surely no key of evidence that signs now.

    False as well where the secret cannot be read, which `read_secret` has recorded.
    """
    try:
        return _key(dependencies) is None
    except Exception:  # noqa: BLE001 - an attempt that was made must be recorded, whatever this is
        return False


def _key(dependencies: Dependencies) -> PrivateKey | None:
    """What signs manifests now; None where nothing does. Raises SecretUnusable."""
    secrets, name = dependencies.secrets, dependencies.settings.webhooks_secret
    keys = read_secret(secrets, name, Webhooks).evidence_keys
    key = signing_key_at(keys, dependencies.clock.now())
    if key is None and keys and secrets.refresh(name):
        # An operator may have put the next one a moment ago.
        keys = read_secret(secrets, name, Webhooks).evidence_keys
        key = signing_key_at(keys, dependencies.clock.now())
    return key


def _store(dependencies: Dependencies, verification: Verification) -> Manifest:
    key, now = _key(dependencies), dependencies.clock.now()
    if key is None:
        raise LookupError("the key of evidence signs no more")
    # No cold start and no webhook waits for these.
    from liveproof.evidence.manifest import build_manifest, signed
    from liveproof.webhooks.keys import key_id

    body = signed(build_manifest(verification, dependencies.settings, now), key)
    dependencies.bucket.put(manifest_key(verification), body, MANIFEST_TYPE)
    return Manifest(
        sha256=hashlib.sha256(body).hexdigest(), key_id=key_id(key.public_key()), signed_at=now
    )
