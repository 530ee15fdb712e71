"""The store in memory: records and the rows of quotas, with a store's promises and latency.

Values are frozen, so what is stored is what was saved: nothing is copied or encoded.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from liveproof.domain.states import Status, allowed_before
from liveproof.domain.verification import Verification
from liveproof.ports import (
    Conflict,
    Due,
    IdempotencyClaim,
    IdempotencyConflict,
    Page,
)
from simulator.engine import Engine
from simulator.latency import Latencies
from simulator.meter import Meter

_PAGE = 250
"""Entries of the due index that one query answers: 1 MB of DynamoDB's is some thousand of them, and
the SQL store reads as many at once as it is asked for."""

Saved = Callable[[Verification], None]


class _Row(NamedTuple):
    """What a store knows of a record without reading it."""

    due_at: int | None
    next_backoff: int = 0


class SimulatedRecords:
    """The Records port.

    Args:
        saved: is called with each verification that is saved, at that moment.
    """

    due_partitions = 1

    def __init__(self, engine: Engine, latencies: Latencies, meter: Meter, saved: Saved) -> None:
        self._engine, self._latencies, self._meter = engine, latencies, meter
        self._saved = saved
        self._stored: dict[str, Verification] = {}
        self._rows: dict[str, _Row] = {}
        self._due: list[tuple[int, str]] = []
        """A heap. An entry counts if the row still has its time."""
        self._claims: dict[str, tuple[IdempotencyClaim, str]] = {}

    def load(self, verification_id: str) -> Verification | None:
        self._wait("record_read")
        return self._stored.get(verification_id)

    def save(
        self, verification: Verification, claim: IdempotencyClaim | None = None
    ) -> Verification:
        self._wait("record_write")
        stored = self._stored.get(verification.id)
        if claim is not None:
            self._take(claim, verification)
        if stored is None:
            if verification.version != 0:
                raise Conflict(verification.id)
        elif stored.version != verification.version or stored.status not in allowed_before(
            verification.status
        ):
            self._meter.operations["record_conflict"] += 1
            raise Conflict(verification.id)
        saved = replace(verification, version=verification.version + 1)
        self._stored[saved.id] = saved
        self._list(saved.id, _Row(saved.due_at))
        self._saved(saved)
        return saved

    def due(self, before: int, limit: int) -> Iterator[Due]:
        self._wait("due_query")
        found: list[tuple[int, str]] = []
        while self._due and self._due[0][0] <= before and len(found) < limit:
            entry = heapq.heappop(self._due)
            row = self._rows[entry[1]]
            if row.due_at == entry[0] and (not found or found[-1] != entry):
                found.append(entry)
        for entry in found:
            heapq.heappush(self._due, entry)
        for number, (due_at, verification_id) in enumerate(found, start=1):
            if number % _PAGE == 0:
                self._wait("due_query")
            row, stored = self._rows[verification_id], self._stored[verification_id]
            yield Due(verification_id, stored.status, due_at, row.next_backoff > 0)

    def back_off(self, due: Due, now: int, first: int, longest: int) -> int | None:
        self._wait("record_write")
        row = self._rows[due.id]
        if row.due_at != due.due_at:
            return None
        wait = min(row.next_backoff or first, longest)
        self._list(due.id, _Row(now + wait, wait * 2))
        return wait

    def recent(self, client: str, status: Status | None, limit: int, cursor: str | None) -> Page:
        raise NotImplementedError("nobody lists verifications in a simulation")

    def delete_expired(self, now: int, limit: int) -> int:
        return 0

    def find(self, verification_id: str) -> Verification:
        """A verification as it is stored, without latency. Raises KeyError."""
        return self._stored[verification_id]

    def all(self) -> Iterator[Verification]:
        """Everything stored."""
        yield from self._stored.values()

    def _wait(self, operation: str) -> None:
        self._meter.operations[operation] += 1
        self._engine.hold(self._latencies.sample(operation))

    def _list(self, verification_id: str, row: _Row) -> None:
        self._rows[verification_id] = row
        if row.due_at is not None:
            heapq.heappush(self._due, (row.due_at, verification_id))

    def _take(self, claim: IdempotencyClaim, verification: Verification) -> None:
        earlier = self._claims.get(claim.key)
        if earlier is not None and earlier[0].expires_at > verification.created_at:
            raise IdempotencyConflict(earlier[1], earlier[0].fingerprint)
        self._claims[claim.key] = (claim, verification.id)
