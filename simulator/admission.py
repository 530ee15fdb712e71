"""The Admission port in memory, as `liveproof.clouds.tencent.sql.admission` keeps it in SQL.

A check has so many permits. Who gets none waits, and clients take turns: the turns of one client
are different, and its first begins at the turn that is served now.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field

from liveproof.admission import Waiting
from liveproof.clouds.tencent.sql.admission import CALL_MS, SLACK_MS, Limit
from liveproof.domain.verification import Verification
from simulator.engine import Engine
from simulator.latency import Latencies
from simulator.meter import Meter
from simulator.store import SimulatedRecords


@dataclass
class _Permit:
    """A permit that a verification has, until its lease ends; `is_running` once it has entered."""

    turn: int
    until: int
    is_running: bool


@dataclass
class _Check:
    """The permits of a check by verification, and its queue: a heap of turn, id and client."""

    permits: dict[str, _Permit] = field(default_factory=dict)
    queue: list[tuple[int, str, str]] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)
    """The last turn of each client."""

    def head(self) -> tuple[int, str, str] | None:
        """Who waits with the earliest turn."""
        while self.queue and self.queue[0][1] not in self.waiting:
            heapq.heappop(self.queue)
        return self.queue[0] if self.queue else None


class SimulatedAdmission:
    """The permits of every check, and those that wait for one.

    Args:
        records: whose sweep shall leave those alone that wait.
        limits: by check.
    """

    def __init__(
        self,
        engine: Engine,
        latencies: Latencies,
        meter: Meter,
        records: SimulatedRecords,
        limits: Mapping[str, Limit],
    ) -> None:
        self._engine, self._latencies, self._meter = engine, latencies, meter
        self._records, self._limits = records, limits
        self._checks = {check: _Check() for check in limits}

    def enter(self, verification: Verification, now: int, until: int) -> bool:
        self._wait()
        of_check = self._checks[verification.check]
        own = of_check.permits.get(verification.id)
        if own is not None and own.is_running and own.until > now:
            return own.until == until
        if own is not None:
            own.until, own.is_running = until, True
            return True
        head = of_check.head()
        is_head = head is not None and head[1] == verification.id
        if (is_head or head is None) and self._free(verification.check, now) > 0:
            turn = head[0] if head is not None else self._next_turn(of_check, verification)
            of_check.waiting.pop(verification.id, None)
            of_check.permits[verification.id] = _Permit(turn, until, is_running=True)
            return True
        if verification.id not in of_check.waiting:
            turn = self._next_turn(of_check, verification)
            of_check.waiting[verification.id] = turn
            heapq.heappush(of_check.queue, (turn, verification.id, verification.client))
        per_second = self._limits[verification.check].per_second
        turn_ms = round(1000 * self._ahead(of_check, verification) / per_second)
        self._records.look_later(verification, now + 2 * turn_ms + SLACK_MS)
        return False

    def leave(self, verification: Verification, until: int) -> None:
        self._wait()
        permits = self._checks[verification.check].permits
        own = permits.get(verification.id)
        if own is not None and own.is_running and own.until == until:
            del permits[verification.id]

    def withdraw(self, verification: Verification) -> bool:
        self._wait()
        of_check = self._checks[verification.check]
        own = of_check.permits.get(verification.id)
        is_called = own is not None and not own.is_running
        if is_called:
            del of_check.permits[verification.id]
        return of_check.waiting.pop(verification.id, None) is not None or is_called

    def call_next(self, check: str, now: int) -> tuple[Waiting, ...]:
        self._wait()
        of_check = self._checks[check]
        called = []
        for _ in range(self._free(check, now)):
            head = of_check.head()
            if head is None:
                break
            turn, verification_id, client = heapq.heappop(of_check.queue)
            del of_check.waiting[verification_id]
            self._records.look_again(verification_id, now)
            of_check.permits[verification_id] = _Permit(turn, now + CALL_MS, is_running=False)
            called.append(Waiting(verification_id, check, client))
        return tuple(called)

    def _wait(self) -> None:
        self._meter.operations["admission"] += 1
        self._engine.hold(self._latencies.sample("admission"))

    def _free(self, check: str, now: int) -> int:
        """How many permits are free, those of ended leases included."""
        permits = self._checks[check].permits
        for verification_id in [id for id, permit in permits.items() if permit.until <= now]:
            del permits[verification_id]
        return self._limits[check].permits - len(permits)

    def _next_turn(self, of_check: _Check, verification: Verification) -> int:
        head = of_check.head()
        if head is not None:
            served = head[0]
        else:
            served = max((permit.turn for permit in of_check.permits.values()), default=0)
        own = of_check.turns.get(verification.client)
        turn = served if own is None else max(served, own + 1)
        of_check.turns[verification.client] = turn
        return turn

    @staticmethod
    def _ahead(of_check: _Check, verification: Verification) -> int:
        """About how many have their turn before a verification: of each client that waits at most
        one has a certain turn. The store counts them, which here would take too long."""
        head = of_check.head()
        if head is None:
            return 0
        turns = of_check.waiting[verification.id] - head[0] + 1
        return min(len(of_check.waiting), turns * max(1, len(of_check.turns)))
