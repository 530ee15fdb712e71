"""Requesting the step that follows a saved change."""

from __future__ import annotations

from liveproof import observability
from liveproof.admission import Waiting
from liveproof.dependencies import Dependencies
from liveproof.domain.states import Step
from liveproof.domain.verification import Verification
from liveproof.observability import Event, Metric


def request_step(
    dependencies: Dependencies,
    step: Step,
    verification: Verification | Waiting,
    at: int | None = None,
) -> None:
    """Start the step at `at` (ms since 1970; None: now). Raises nothing.

    The change that the step follows is saved, with its due time. A message that cannot be sent is
    therefore no error to whoever saved: the sweep requests the step, only later.
    """
    try:
        dependencies.steps.request(
            step, verification.id, at, check=verification.check, client=verification.client
        )
    except Exception as error:  # noqa: BLE001 - the due time is the promise
        observability.record_failure(Event.STEP_NOT_STARTED, error, verification=verification.id)
        observability.count(Metric.STEP_NOT_STARTED)
