"""The Admission port in memory: permits with leases, and a queue in which clients take turns."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from liveproof.admission import Waiting
from liveproof.domain.verification import Verification
from tests.support.crash_points import CrashPoints
from tests.support.memory_records import MemoryRecords

CALL_MS = 15_000
LOOK_LATER_MS = 600_000


@dataclass
class Lease:
    """A permit until a time. `is_running` is False until the one that was called enters."""

    until: int
    is_running: bool


class MemoryAdmission:
    """Permits of every check.

    Args:
        records: whose sweep shall not request the steps of those that wait.

    Attributes:
        permits: how many a check has.
        served: clients in the order in which they got a permit, the last one at the end.
    """

    def __init__(
        self, records: MemoryRecords, permits: int, crash_points: CrashPoints | None = None
    ) -> None:
        self._records = records
        self._crash_points = crash_points or CrashPoints()
        self._lock = threading.Lock()
        self.permits = permits
        self.leases: dict[str, dict[str, Lease]] = {}
        self.waiting: dict[str, list[Waiting]] = {}
        self.served: list[str] = []

    def enter(self, verification: Verification, now: int, until: int) -> bool:
        with self._crash_points.around("admission.enter"), self._lock:
            queue = self.waiting.setdefault(verification.check, [])
            leases = self._live(verification.check, now, but=verification.id)
            own = leases.get(verification.id)
            if own is not None and own.is_running and own.until > now:
                return own.until == until
            me = Waiting(verification.id, verification.check, verification.client)
            if own is None and me not in queue:
                queue.append(me)
            if own is not None or (len(leases) < self.permits and self._next(queue) == me):
                self._give(verification.check, me, Lease(until, is_running=True))
                return True
            row = self._records.rows.get(verification.id)
            if row is not None and row.due_at == verification.due_at:
                self._records.rows[verification.id] = row._replace(
                    due_at=now + LOOK_LATER_MS, next_backoff=CALL_MS
                )
            return False

    def leave(self, verification: Verification, until: int) -> None:
        with self._crash_points.around("admission.leave"), self._lock:
            leases = self.leases.get(verification.check, {})
            if leases.get(verification.id) == Lease(until, is_running=True):
                del leases[verification.id]

    def withdraw(self, verification: Verification) -> bool:
        with self._crash_points.around("admission.withdraw"), self._lock:
            queue = self.waiting.get(verification.check, [])
            leases = self.leases.get(verification.check, {})
            waiting = [one for one in queue if one.id == verification.id]
            for one in waiting:
                queue.remove(one)
            lease = leases.get(verification.id)
            is_called = lease is not None and not lease.is_running
            if is_called:
                del leases[verification.id]
            return is_called or bool(waiting)

    def call_next(self, check: str, now: int) -> tuple[Waiting, ...]:
        with self._crash_points.around("admission.call_next"), self._lock:
            called = []
            queue = self.waiting.setdefault(check, [])
            while queue and len(self._live(check, now)) < self.permits:
                called.append(self._next(queue))
                self._give(check, called[-1], Lease(now + CALL_MS, is_running=False))
                row = self._records.rows.get(called[-1].id)
                if row is not None and row.next_backoff and row.due_at is not None:
                    due_at = min(row.due_at, now)
                    self._records.rows[called[-1].id] = row._replace(due_at=due_at)
            return tuple(called)

    def _live(self, check: str, now: int, but: str = "") -> dict[str, Lease]:
        """The check's leases, without those that have ended."""
        leases = self.leases.get(check, {})
        live = {id: lease for id, lease in leases.items() if lease.until > now or id == but}
        self.leases[check] = live
        return live

    def _next(self, queue: list[Waiting]) -> Waiting:
        """The first of the client that was served least recently."""
        last = {client: number for number, client in enumerate(self.served)}
        return min(queue, key=lambda waiting: (last.get(waiting.client, -1), queue.index(waiting)))

    def _give(self, check: str, waiting: Waiting, lease: Lease) -> None:
        self.leases[check][waiting.id] = lease
        queue = self.waiting[check]
        if waiting in queue:
            queue.remove(waiting)
            self.served.append(waiting.client)
