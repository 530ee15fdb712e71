"""The sweep: whatever is due gets its step again, and what was kept long enough is deleted."""

from __future__ import annotations

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.states import STATES
from liveproof.observability import Event

GRACE_MS = 10_000
"""A message has this long to run a step before the sweep asks for it again."""

LIMIT = 2_000
"""Steps asked for, and records deleted, in one sweep; the rest waits for the next minute."""

_MARGIN_MS = 2_000


def sweep(dependencies: Dependencies, deadline: int) -> int:
    """Ask for every step that has been due for longer than the grace, or that no message waits for.

    Args:
        deadline: when the function is stopped (ms since 1970); the sweep ends before.

    Returns:
        How many steps were asked for.
    """
    clock, records, steps = dependencies.clock, dependencies.records, dependencies.steps
    now = clock.now()
    overdue, (after, until) = now - GRACE_MS, steps.ahead(now)
    asked = 0
    for due in records.due(max(overdue, until), LIMIT):
        if overdue < due.due_at <= after:
            continue  # its message is on the way
        steps.run(STATES[due.status].step, due.id, due.due_at if due.due_at > now else None)
        asked += 1
        if clock.now() > deadline - _MARGIN_MS:
            break
    forgotten = 0
    if clock.now() < deadline - _MARGIN_MS:
        forgotten = records.forget(now, LIMIT)
    observability.record(Event.SWEPT, steps=asked, forgotten=forgotten)
    return asked
