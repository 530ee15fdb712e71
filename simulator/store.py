"""The store in memory: records and the rows of quotas, with a store's promises and latency.

Values are frozen, so what is stored is what was saved: nothing is copied or encoded.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from liveproof.clouds.aws.items import listed_time
from liveproof.domain.filter import Filter
from liveproof.domain.states import allowed_before
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

_FIRST_BACKOFF_MS = 15_000
"""As in `liveproof.clouds.tencent.sql.records`."""

Saved = Callable[[Verification], None]


def _units(
    before: Verification | None, after: Verification, listed_before: int | None, listed: int | None
) -> int:
    """Write units of DynamoDB: one for the item, which has a kB at most, and those of its entries
    in the two indexes (`liveproof.clouds.aws.items`; DynamoDB Developer Guide, GSI)."""
    if before is None:
        return 1 + 1 + (listed is not None)
    if listed_before != listed:
        return 1 + (listed_before is not None) + (listed is not None)
    return 1 + (listed is not None and before.status is not after.status)


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
        self._listed: dict[str, int | None] = {}
        """The times that DynamoDB's index has. What is due is listed by the due times themselves:
        whoever is listed early there is not backed off either."""
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
        before = self._listed.get(saved.id)
        listed = listed_time(saved.due_at, before)
        self._listed[saved.id] = listed
        self._meter.operations["write_unit"] += _units(stored, saved, before, listed)
        self._stored[saved.id] = saved
        self._list(saved.id, _Row(saved.due_at))
        self._saved(saved)
        return saved

    def claimed(self, key: str, now: int) -> tuple[str, str] | None:
        self._wait("record_read")
        taken = self._claims.get(key)
        return None if taken is None else (taken[1], taken[0].fingerprint)

    def due(self, before: int, limit: int) -> Iterator[Due]:
        self._wait("due_query")
        entries: list[tuple[int, str]] = []
        while self._due and self._due[0][0] <= before and len(entries) < limit:
            entry = heapq.heappop(self._due)
            row = self._rows[entry[1]]
            if row.due_at == entry[0] and (not entries or entries[-1] != entry):
                entries.append(entry)
        for entry in entries:
            heapq.heappush(self._due, entry)
        for number, (due_at, verification_id) in enumerate(entries, start=1):
            if number % _PAGE == 0:
                self._wait("due_query")
            row, stored = self._rows[verification_id], self._stored[verification_id]
            yield Due(
                verification_id,
                stored.status,
                due_at,
                row.next_backoff > 0,
                stored.check,
                stored.client,
            )

    def back_off(self, due: Due, now: int, first: int, longest: int) -> int | None:
        self._wait("record_write")
        row = self._rows[due.id]
        if row.due_at != due.due_at:
            return None
        self._meter.operations["write_unit"] += 3
        wait = min(row.next_backoff or first, longest)
        self._list(due.id, _Row(now + wait, wait * 2))
        return wait

    def look_later(self, verification: Verification, at: int) -> None:
        """Let the sweep request the step of a due verification at a time (ms), if not saved before:
        `liveproof.clouds.tencent.sql.records`."""
        if self._stored[verification.id].version == verification.version:
            self._list(verification.id, _Row(at, _FIRST_BACKOFF_MS))

    def look_again(self, verification_id: str, now: int) -> None:
        """Let the sweep request the step of a verification now, if it was to look later."""
        row = self._rows[verification_id]
        if row.next_backoff > 0 and row.due_at is not None and row.due_at > now:
            self._list(verification_id, _Row(now, row.next_backoff))

    def recent(self, client: str, criteria: Filter, limit: int, cursor: str | None) -> Page:
        raise NotImplementedError("nobody lists verifications in a simulation")

    def delete_expired(self, now: int, limit: int) -> int:
        return 0

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
