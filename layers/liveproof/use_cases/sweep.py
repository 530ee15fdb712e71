"""The sweep: whatever is due gets its step again, and what was kept long enough is deleted."""

from __future__ import annotations

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.states import STATES
from liveproof.observability import Event

GRACE_MS = 10_000
"""A message has this long to run a step before the sweep asks for it again."""

LIMIT = 2_000
"""Steps asked for, and records deleted, in one sweep; the rest waits for the next one."""

_MARGIN_MS = 2_000
_FAILURES = 10
"""So many steps that cannot be asked for are no accident."""


def sweep(dependencies: Dependencies, deadline: int) -> int:
    """Ask for every step that has been due for longer than the grace, or that no message waits for.

    Args:
        deadline: when the function is stopped (ms since 1970); the sweep ends before.

    Returns:
        How many steps were asked for.

    Raises:
        Exception: of a step that could not be asked for, after all the others were.
    """
    clock, records, steps = dependencies.clock, dependencies.records, dependencies.steps
    now = clock.now()
    overdue, (after, until) = now - GRACE_MS, steps.ahead(now)
    asked, forgotten = 0, 0
    failures: list[Exception] = []
    for due in records.due(max(overdue, until), LIMIT):
        if overdue < due.due_at <= after:
            continue  # its message is on the way
        try:
            steps.run(STATES[due.status].step, due.id, due.due_at if due.due_at > now else None)
            asked += 1
        except Exception as error:  # noqa: BLE001 - one verification must not stop the others
            observability.record_failure(Event.STEP_NOT_STARTED, error, verification=due.id)
            failures.append(error)
        if clock.now() > deadline - _MARGIN_MS or len(failures) >= _FAILURES:
            break
    else:
        if clock.now() < deadline - _MARGIN_MS:
            forgotten = records.forget(now, LIMIT)
    observability.record(Event.SWEPT, steps=asked, forgotten=forgotten)
    if failures:
        raise failures[0]
    return asked
