"""The sweep: whatever is due gets its step again, and what was kept long enough is deleted.

A step may fail each time it is asked for, kill its function, or meet a record that cannot be read.
So the sweep, before it asks for what is overdue, puts it behind everything else that is due by now:
for a quarter of a minute, then twice as long each time. A save takes it back. Nobody who is asked
for in vain comes before one who was not asked for yet.
"""

from __future__ import annotations

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.states import STATES
from liveproof.observability import Event, Metric
from liveproof.ports import Due

GRACE_MS = 10_000
"""A message has this long to run a step before the sweep asks for it again."""

LIMIT = 2_000
"""Steps asked for, and records deleted, in one sweep; the rest waits for the next one."""

FIRST_BACKOFF_MS = 15_000
LONGEST_BACKOFF_MS = 64 * FIRST_BACKOFF_MS
"""Sixteen minutes."""

STUCK_BACKOFF_MS = 32 * FIRST_BACKOFF_MS
"""A verification that is put back for this long has been asked for in vain for eight minutes: no
lost message is the cause."""

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
        Exception: of a step that could not be asked for, or of a verification that could not be put
            back, after all the others were.
    """
    return _Sweep(dependencies, deadline).run()


class _Sweep:
    def __init__(self, dependencies: Dependencies, deadline: int) -> None:
        self._clock, self._records = dependencies.clock, dependencies.records
        self._steps = dependencies.steps
        self._now = self._clock.now()
        self._ends = deadline - _MARGIN_MS
        self._asked = 0
        self._not_asked: list[Exception] = []
        self._not_put_back: list[Exception] = []

    def run(self) -> int:
        overdue, (after, until) = self._now - GRACE_MS, self._steps.ahead(self._now)
        forgotten = 0
        for due in self._records.due(max(overdue, until), LIMIT):
            if due.due_at > overdue and (due.due_at <= after or due.backed_off):
                continue  # its message is on the way, or it need not be asked for to the second
            if due.due_at > overdue or self._put_back(due):
                self._ask(due)
            if self._clock.now() > self._ends or len(self._not_asked) >= _FAILURES:
                break
        else:
            if self._clock.now() < self._ends:
                forgotten = self._records.forget(self._now, LIMIT)
        observability.record(Event.SWEPT, steps=self._asked, forgotten=forgotten)
        failures = [*self._not_asked, *self._not_put_back]
        if failures:
            raise failures[0]
        return self._asked

    def _put_back(self, due: Due) -> bool:
        """Whether it is still to be asked for: False when it was saved in the meantime."""
        try:
            wait = self._records.back_off(due, self._now, FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS)
        except Exception as error:  # noqa: BLE001 - then it is asked for in the old order
            observability.record_failure(Event.BACK_OFF_FAILED, error, verification=due.id)
            self._not_put_back.append(error)
            return True
        if wait is not None and wait >= STUCK_BACKOFF_MS:
            observability.record(
                Event.STEP_STUCK,
                verification=due.id,
                status=None if due.status is None else due.status.value,
                seconds=wait // 1000,
            )
            observability.count(Metric.STEP_STUCK)
        return wait is not None

    def _ask(self, due: Due) -> None:
        if due.status is None:
            return  # a newer version's state, so this one has no step for it
        try:
            at = due.due_at if due.due_at > self._now else None
            self._steps.run(STATES[due.status].step, due.id, at)
            self._asked += 1
        except Exception as error:  # noqa: BLE001 - one verification must not stop the others
            observability.record_failure(Event.STEP_NOT_STARTED, error, verification=due.id)
            self._not_asked.append(error)
