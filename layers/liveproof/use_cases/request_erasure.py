"""A client's request to erase a verification: its personal fields go now, its files soon."""

from __future__ import annotations

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.audit import CLIENT
from liveproof.domain.erasure_transitions import erasure_requested
from liveproof.domain.states import Step
from liveproof.domain.verification import Verification
from liveproof.observability import Event
from liveproof.ports import Conflict
from liveproof.use_cases.errors import InvalidState
from liveproof.use_cases.find_verification import find_verification
from liveproof.use_cases.request_step import request_step

_SAVE_TRIES = 10


def request_erasure(
    dependencies: Dependencies, client_name: str, verification_id: str
) -> Verification:
    """Erase the personal fields and start the deletion of the files. Repeating it is no error.

    It is allowed in every state. A paid call that is under way ends first, and its outcome is
    recorded.

    Raises:
        NotFound: no such verification of this client.
        InvalidState: the verification kept changing.
    """
    for _ in range(_SAVE_TRIES):
        verification = find_verification(dependencies, client_name, verification_id)
        if verification.erasure is not None:
            return verification
        try:
            requested = erasure_requested(verification, dependencies.clock.now(), CLIENT)
            saved = dependencies.records.save(requested)
        except Conflict:
            continue
        observability.record(Event.ERASURE_REQUESTED, verification=saved.id)
        request_step(dependencies, Step.ERASE, saved, saved.due_at)
        return saved
    raise InvalidState("the verification is changing; ask again")
