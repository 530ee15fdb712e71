"""The sweep: whatever is due gets its step again. It changes nothing itself."""

from __future__ import annotations

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.states import STATES
from liveproof.observability import Event

GRACE_MS = 10_000
"""A message has this long to run a step before the sweep asks for it again."""

LIMIT = 2_000
"""Steps asked for in one sweep; the rest waits for the next minute."""


def sweep(dependencies: Dependencies, deadline: int) -> int:
    """Ask for every step that has been due for longer than the grace; how many were asked for.

    Args:
        deadline: when the function is stopped (ms since 1970); the sweep ends before.
    """
    clock = dependencies.clock
    asked = 0
    for due in dependencies.records.due(clock.now() - GRACE_MS, LIMIT):
        dependencies.steps.run(STATES[due.status].step, due.id)
        asked += 1
        if clock.now() > deadline - 2_000:
            break
    observability.record(Event.SWEPT, steps=asked)
    return asked
