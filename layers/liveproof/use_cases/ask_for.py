"""Asking for the step that follows a saved change."""

from __future__ import annotations

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.states import Step
from liveproof.observability import Event, Metric


def ask_for(
    dependencies: Dependencies, step: Step, verification_id: str, at: int | None = None
) -> None:
    """Ask for the step at `at` (ms; None: now). Raises nothing.

    What the caller did is saved, and the due time stands: a message that cannot be sent makes the
    step later, by a sweep, and is no error to whoever saved.
    """
    try:
        dependencies.steps.run(step, verification_id, at)
    except Exception as error:  # noqa: BLE001 - the due time is the promise
        observability.record_failure(Event.STEP_NOT_STARTED, error, verification=verification_id)
        observability.count(Metric.STEP_NOT_STARTED)
