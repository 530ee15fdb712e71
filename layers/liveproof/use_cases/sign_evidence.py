"""Storing the signed manifest of a decision, once its webhook is on the way.

The manifest comes after the attempt, so that no webhook waits for it. Until the record says that it
is stored, the verification stays due, and `sweep` requests the step again.
"""

from __future__ import annotations

import hashlib

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.delivery_transitions import manifest_missing, manifest_signed
from liveproof.domain.evidence import Manifest
from liveproof.domain.verification import DeliveryState, Verification
from liveproof.evidence.objects import MANIFEST_TYPE, manifest_key
from liveproof.evidence.signing_keys import signing_key_at
from liveproof.observability import Event, Metric
from liveproof.secret_documents import Webhooks, read_secret
from liveproof.use_cases.save_over_signals import save_over_signals
from liveproof.webhooks.keys import PrivateKey

NO_KEY = "no_key"
"""Why there is no manifest: the secret of the webhooks has no key of evidence that signs now."""

NOT_SIGNED = "not_signed"
"""Why there is no manifest: signing failed for as long as the record is kept."""

_SHORTEST_MS = 10_000
"""With less time than this left, the manifest is left to the next run."""


def sign_evidence(dependencies: Dependencies, verification: Verification, deadline: int) -> None:
    """Sign and store the manifest of a decision, unless that is done or nothing can sign it.

    A failure is logged and counted: the verification stays due. If another run may make the next
    attempt before this one is stopped, that run signs. Of two that sign at once, one would store
    its manifest over the other's, and the record would have the hash of the one that is gone.

    Args:
        verification: a decided one, as it is stored.
        deadline: when the function is stopped (ms since 1970).

    Raises:
        Conflict: another change came first.
    """
    now = dependencies.clock.now()
    is_late = deadline - now < _SHORTEST_MS or _is_due_before(verification, deadline)
    if verification.manifest is not None or is_late:
        return
    try:
        key = _key(dependencies)
        manifest = None if key is None else _store(dependencies, verification, key, now)
    except Exception as error:  # noqa: BLE001 - whatever it is, the delivery goes on
        observability.record_failure(Event.MANIFEST_DELAYED, error, verification=verification.id)
        observability.count(Metric.MANIFEST_DELAYED)
        return
    if manifest is None:
        after = manifest_missing(verification, NO_KEY)
    else:
        after = manifest_signed(verification, manifest)
    save_over_signals(dependencies, verification, after)
    if manifest is not None:
        observability.record(
            Event.MANIFEST_SIGNED, verification=verification.id, key=manifest.key_id
        )


def _is_due_before(verification: Verification, deadline: int) -> bool:
    """Whether the next attempt may begin before this run is stopped."""
    delivery, due_at = verification.delivery, verification.due_at
    is_pending = delivery is not None and delivery.state is DeliveryState.PENDING
    return is_pending and due_at is not None and due_at < deadline


def has_no_key(dependencies: Dependencies) -> bool:
    """Whether there is surely no key of evidence that signs now.

    False as well where the secret cannot be read, which `read_secret` has recorded.
    """
    try:
        return _key(dependencies) is None
    except Exception:  # noqa: BLE001 - an attempt that was made must be recorded, whatever this is
        return False


def _key(dependencies: Dependencies) -> PrivateKey | None:
    """What signs manifests now; None where nothing does. Raises SecretUnusable."""
    name = dependencies.settings.webhooks_secret
    webhooks = read_secret(dependencies.secrets, name, Webhooks)
    return signing_key_at(webhooks.evidence_keys, dependencies.clock.now())


def _store(
    dependencies: Dependencies, verification: Verification, key: PrivateKey, now: int
) -> Manifest:
    # No cold start and no webhook waits for these.
    from liveproof.evidence.manifest import build_manifest, signed
    from liveproof.webhooks.keys import key_id

    body = signed(build_manifest(verification, dependencies.settings, now), key)
    dependencies.bucket.put(manifest_key(verification), body, MANIFEST_TYPE)
    return Manifest(
        sha256=hashlib.sha256(body).hexdigest(), key_id=key_id(key.public_key()), signed_at=now
    )
