"""The sweep: it requests the step of every verification that is due, and deletes expired records.

A step may fail each time it is requested, kill its function, or meet a record that cannot be read.
So before the sweep requests the step of an overdue verification, it backs the verification off: it
lists it behind all that are due by now, for 15 seconds at first, then for twice as long each time.
A save ends the backoff. So no verification that fails again and again delays one that was never
tried.

On AWS messages wait in queues, and an overdue verification's own message may be among them. So the
sweep asks the queue of its step first. While that has a backlog, the sweep leaves the verification
alone, with no write and no second message, for `PATIENCE_MS` at most. A message that was lost is
sent again by the first sweep that finds no backlog.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from liveproof import heartbeats, observability
from liveproof.dependencies import Dependencies
from liveproof.domain.states import STATES, Status, Step
from liveproof.observability import Event, Measure, Metric
from liveproof.ports import Due
from liveproof.use_cases.admission import start_next

GRACE_MS = 10_000
"""A message has this long to start a step before the sweep requests the step again."""

LIMIT = 2_000
"""Steps requested, and records deleted, in one sweep; the rest waits for the next one."""

MOST_SEEN = 100_000
"""Due verifications that one sweep looks at, those whose messages wait in a queue included."""

PATIENCE_MS = {
    Status.READY: 60 * 60 * 1000,
    Status.CHECKING: 60 * 60 * 1000,
    Status.DECIDED: 15 * 60 * 1000,
}
"""While its step has a backlog, a verification in such a state is left alone for so long after its
due time, or after the sweep requested its step. In the other states nobody but the sweep requests
the step. The same is true of a webhook's late attempts, so a decision waits less."""

BACKLOG_BACKOFF_MS = 5 * 60 * 1000
"""The first backoff while the step has a backlog: the message takes its turn in the queue."""

FIRST_BACKOFF_MS = 15_000
LONGEST_BACKOFF_MS = 64 * FIRST_BACKOFF_MS
"""Sixteen minutes."""

STUCK_BACKOFF_MS = 32 * FIRST_BACKOFF_MS
"""A verification that is backed off for this long has not moved for eight minutes although its
step was requested again and again: no lost message is the cause."""

OVERDUE_MS = 30 * 60 * 1000
"""If a verification is due for longer and waits in no queue, the sweeps do not keep up."""

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
        self._overdue = self._now - GRACE_MS
        self._ends = deadline - _MARGIN_MS
        self._backlogs: dict[tuple[Step, str | None], bool] = {}
        self._requested = self._queued = self._oldest_ms = 0
        self._is_overdue = False
        self._not_requested: list[Exception] = []
        self._not_backed_off: list[Exception] = []

    def run(self) -> int:
        self._start_waiting()
        deleted = 0
        for due in islice(self._to_request(), LIMIT):
            if due.due_at > self._overdue or self._back_off(due):
                self._request(due)
            if self._clock.now() > self._ends or len(self._not_requested) >= _MAX_FAILURES:
                break
        else:
            if self._clock.now() < self._ends:
                deleted = self._records.delete_expired(self._now, LIMIT)
        observability.record(
            Event.SWEPT,
            steps=self._requested,
            queued=self._queued,
            oldest_seconds=self._oldest_ms // 1000,
            forgotten=deleted,
            partitions=self._records.due_partitions,
        )
        observability.measure(Measure.OLDEST_DUE, self._oldest_ms // 1000)
        if self._is_overdue:
            observability.count(Metric.OVERDUE)
        self._beat()
        failures = [*self._not_requested, *self._not_backed_off]
        if failures:
            raise failures[0]
        return self._requested

    def _beat(self) -> None:
        try:
            self._dependencies.heartbeats.beat(heartbeats.SWEEP, self._clock.now())
        except Exception as error:  # noqa: BLE001 - the sweep itself went well
            observability.record_failure(Event.HEARTBEAT_LOST, error)

    def _to_request(self) -> Iterator[Due]:
        """The verifications whose steps must be requested, the longest due first."""
        window = self._steps.lookahead(self._now)
        before = max(self._overdue, window.until) if window else self._overdue
        for due in self._records.due(before, MOST_SEEN):
            self._oldest_ms = max(self._oldest_ms, self._now - due.due_at)
            if due.due_at > self._overdue:
                if window and due.due_at > window.after and not due.backed_off:
                    yield due
                # Otherwise its message is on the way, or it can wait until it is overdue.
            elif self._is_in_a_queue(due):
                self._queued += 1
                if self._clock.now() > self._ends:
                    return
            else:
                self._is_overdue |= self._now - due.due_at > OVERDUE_MS
                yield due

    def _is_in_a_queue(self, due: Due) -> bool:
        """Whether its message probably waits in a queue, and it is too early to send another."""
        patience = PATIENCE_MS.get(due.status, 0) if due.status else 0
        return self._now - due.due_at <= patience and self._has_backlog(due)

    def _has_backlog(self, due: Due) -> bool:
        """Asked once for each queue."""
        if due.status is None:
            return False
        step = STATES[due.status].step
        queue = (step, due.check if step is Step.RUN_CHECK else None)
        if queue not in self._backlogs:
            try:
                self._backlogs[queue] = self._steps.has_backlog(*queue)
            except Exception as error:  # noqa: BLE001 - a message too many does no harm
                observability.record_failure(Event.BACKLOG_UNREAD, error)
                self._backlogs[queue] = False
        return self._backlogs[queue]

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
        has_backlog = self._has_backlog(due)
        first = BACKLOG_BACKOFF_MS if has_backlog else FIRST_BACKOFF_MS
        try:
            wait = self._records.back_off(due, self._now, first, LONGEST_BACKOFF_MS)
        except Exception as error:  # noqa: BLE001 - then the step is requested in the old order
            observability.record_failure(Event.BACK_OFF_FAILED, error, verification=due.id)
            self._not_backed_off.append(error)
            return True
        if wait is not None and wait >= STUCK_BACKOFF_MS and not has_backlog:
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
            for step in STATES[due.status].steps:
                self._steps.request(step, due.id, at, check=due.check, client=due.client)
                self._requested += 1
        except Exception as error:  # noqa: BLE001 - one verification must not stop the others
            observability.record_failure(Event.STEP_NOT_STARTED, error, verification=due.id)
            self._not_requested.append(error)
