"""Fresh upload URLs for inputs that have not arrived: new object keys, never an overwrite."""

from __future__ import annotations

from liveproof import observability
from liveproof.clock import iso
from liveproof.dependencies import Dependencies
from liveproof.domain.lifecycle import uploads_renewed
from liveproof.domain.states import Status
from liveproof.domain.verification import Decision, InputState, Verification
from liveproof.observability import Event
from liveproof.ports import Conflict, PresignedUpload
from liveproof.use_cases.errors import InvalidState
from liveproof.use_cases.find_verification import find_verification
from liveproof.use_cases.uploads import new_key, presign_missing

MAX_KEYS = 10
"""Keys issued per input: bounds the record, and what one verification can leave in the bucket."""

_SAVE_TRIES = 5


def renew_uploads(
    dependencies: Dependencies, client_name: str, verification_id: str
) -> tuple[Verification, dict[str, PresignedUpload]]:
    """New keys and URLs for every missing input.

    Raises:
        NotFound: no such verification of this client.
        InvalidState: nothing is awaited any more, or too many renewals.
    """
    for _ in range(_SAVE_TRIES):
        verification = find_verification(dependencies, client_name, verification_id)
        now = dependencies.clock.now()
        _require_awaited(verification, now)
        missing = {
            name: declared
            for name, declared in verification.inputs.items()
            if declared.state is InputState.MISSING
        }
        if any(len(declared.keys) >= MAX_KEYS for declared in missing.values()):
            raise InvalidState(f"an input's uploads can be issued {MAX_KEYS} times")
        keys = {name: new_key(verification_id, name) for name in missing}
        try:
            saved = dependencies.records.save(uploads_renewed(verification, keys, now))
        except Conflict:
            continue
        observability.record(Event.UPLOADS_RENEWED, verification=verification_id)
        return saved, presign_missing(dependencies, saved)
    raise InvalidState("the verification is changing; ask again")


def _require_awaited(verification: Verification, now: int) -> None:
    """Raises InvalidState unless the verification waits for its files at `now`."""
    if verification.erasure is not None:
        raise InvalidState("the verification is erased; ask for a new one")
    waits = verification.status is Status.AWAITING_UPLOAD
    verdict = verification.verdict
    if (waits and verification.expires_at <= now) or (
        verdict is not None and verdict.decision is Decision.EXPIRED
    ):
        raise InvalidState(
            f"it expired at {iso(verification.expires_at)}; ask for a new verification"
        )
    if not waits:
        raise InvalidState(f"no upload is awaited: it is {verification.status.value}")
