"""The sweep: it requests the step of every verification that is due, and deletes expired records.

A step may fail each time it is requested, kill its function, or meet a record that cannot be read.
So before the sweep requests the step of an overdue verification, it backs the verification off: it
lists it behind all that are due by now, for 15 seconds at first, then for twice as long each time.
A save ends the backoff. So no verification that fails again and again delays one that was never
tried.
"""

from __future__ import annotations

from liveproof import observability
from liveproof.dependencies import Dependencies
from liveproof.domain.states import STATES
from liveproof.observability import Event, Metric
from liveproof.ports import Due
from liveproof.use_cases.admission import start_next

GRACE_MS = 10_000
"""A message has this long to start a step before the sweep requests the step again."""

LIMIT = 2_000
"""Steps requested, and records deleted, in one sweep; the rest waits for the next one."""

FIRST_BACKOFF_MS = 15_000
LONGEST_BACKOFF_MS = 64 * FIRST_BACKOFF_MS
"""Sixteen minutes."""

STUCK_BACKOFF_MS = 32 * FIRST_BACKOFF_MS
"""A verification that is backed off for this long has not moved for eight minutes although its
step was requested again and again: no lost message is the cause."""

_MARGIN_MS = 2_000
_MAX_FAILURES = 10
"""A sweep in which so many requests fail ends: the cause is not in the single verifications."""


def sweep(dependencies: Dependencies, deadline: int) -> int:
    """Request every step that is overdue by more than `GRACE_MS`, and every step in the look-ahead
    window (`Steps.lookahead`). Start those that wait while there is a free permit.

    Args:
        deadline: when the function is stopped (ms since 1970); the sweep ends before.

    Returns:
        How many steps were requested.

    Raises:
        Exception: a step could not be requested or a verification not be backed off; raised at the
            end, when all others were.
    """
    return _Sweep(dependencies, deadline).run()


class _Sweep:
    def __init__(self, dependencies: Dependencies, deadline: int) -> None:
        self._dependencies = dependencies
        self._clock, self._records = dependencies.clock, dependencies.records
        self._steps = dependencies.steps
        self._now = self._clock.now()
        self._ends = deadline - _MARGIN_MS
        self._requested = 0
        self._not_requested: list[Exception] = []
        self._not_backed_off: list[Exception] = []

    def run(self) -> int:
        self._start_waiting()
        overdue, window = self._now - GRACE_MS, self._steps.lookahead(self._now)
        deleted = 0
        before = max(overdue, window.until) if window else overdue
        for due in self._records.due(before, LIMIT):
            is_ahead = due.due_at > overdue
            if is_ahead and (not window or due.due_at <= window.after or due.backed_off):
                continue  # its message is on the way, or it can wait until it is overdue
            if is_ahead or self._back_off(due):
                self._request(due)
            if self._clock.now() > self._ends or len(self._not_requested) >= _MAX_FAILURES:
                break
        else:
            if self._clock.now() < self._ends:
                deleted = self._records.delete_expired(self._now, LIMIT)
        observability.record(
            Event.SWEPT,
            steps=self._requested,
            forgotten=deleted,
            partitions=self._records.due_partitions,
        )
        failures = [*self._not_requested, *self._not_backed_off]
        if failures:
            raise failures[0]
        return self._requested

    def _start_waiting(self) -> None:
        """Those of a check without a vendor, too: they end then."""
        for check in self._dependencies.settings.calls_per_second:
            try:
                start_next(self._dependencies, check)
            except Exception as error:  # noqa: BLE001 - one check must not stop the others
                observability.record_failure(Event.NEXT_NOT_STARTED, error)
                self._not_requested.append(error)

    def _back_off(self, due: Due) -> bool:
        """Whether the step is still to be requested: False if the verification was saved since."""
        try:
            wait = self._records.back_off(due, self._now, FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS)
        except Exception as error:  # noqa: BLE001 - then the step is requested in the old order
            observability.record_failure(Event.BACK_OFF_FAILED, error, verification=due.id)
            self._not_backed_off.append(error)
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

    def _request(self, due: Due) -> None:
        if due.status is None:
            return  # a newer version's state, so this one has no step for it
        try:
            at = due.due_at if due.due_at > self._now else None
            self._steps.request(
                STATES[due.status].step, due.id, at, check=due.check, client=due.client
            )
            self._requested += 1
        except Exception as error:  # noqa: BLE001 - one verification must not stop the others
            observability.record_failure(Event.STEP_NOT_STARTED, error, verification=due.id)
            self._not_requested.append(error)
