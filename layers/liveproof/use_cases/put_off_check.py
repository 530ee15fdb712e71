"""Putting a check off: its next run is saved, logged and requested."""

from __future__ import annotations

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.next_move import Wait, put_off
from liveproof.domain.states import Step
from liveproof.domain.verification import Verification
from liveproof.observability import Event
from liveproof.use_cases.request_step import request_step


def put_off_check(
    dependencies: Dependencies, verification: Verification, wait: Wait
) -> Verification:
    """The verification as saved. Raises Conflict: another change came first."""
    now = dependencies.clock.now()
    saved = dependencies.records.save(put_off(verification, wait, now))
    observability.record(
        Event.CALL_POSTPONED,
        verification=saved.id,
        why=wait.why,
        seconds=round((wait.until - now) / 1000, 1),
    )
    request_step(dependencies, Step.RUN_CHECK, saved, wait.until)
    return saved
