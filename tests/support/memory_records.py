"""Records in memory, as `liveproof.ports.Records` promises them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from liveproof.domain.filter import Filter
from liveproof.domain.ids import is_verification_id
from liveproof.domain.states import allowed_before, parse_status
from liveproof.domain.verification import Verification
from liveproof.ports import (
    Conflict,
    Due,
    IdempotencyClaim,
    IdempotencyConflict,
    Page,
    RecordUnreadable,
)
from tests.support.crash_points import CrashPoints


class Row(NamedTuple):
    """What a store has beside a record: an index of what is due, that needs no readable record."""

    status: str
    due_at: int | None
    next_backoff: int = 0
    kept_until: int | None = None
    check: str | None = None
    client: str | None = None


class MemoryRecords:
    """Verifications as encoded bytes, so that nothing but what is saved survives.

    Attributes:
        rows: what the store knows of each without reading it.
    """

    record_days = 365
    due_partitions = 1

    def __init__(self, crash_points: CrashPoints | None = None) -> None:
        self._crash_points = crash_points or CrashPoints()
        self._lock = threading.Lock()
        self._claims: dict[str, tuple[IdempotencyClaim, str]] = {}
        self.stored: dict[str, bytes] = {}
        self.rows: dict[str, Row] = {}
        self.history: list[Verification] = []
        self.forgotten: list[tuple[int, int]] = []
        self.conflicts_to_come = 0

    def load(self, verification_id: str) -> Verification | None:
        with self._crash_points.around("records.load"):
            return self._load(verification_id)

    def save(
        self, verification: Verification, claim: IdempotencyClaim | None = None
    ) -> Verification:
        with self._crash_points.around("records.save"), self._lock:
            if self.conflicts_to_come > 0:
                self.conflicts_to_come -= 1
                raise Conflict(verification.id)
            stored = self._load(verification.id)
            if claim is not None:
                self._take(claim, verification)
            if stored is None:
                if verification.version != 0:
                    raise Conflict(verification.id)
            elif stored.version != verification.version or stored.status not in allowed_before(
                verification.status
            ):
                raise Conflict(verification.id)
            saved = replace(verification, version=verification.version + 1)
            self.stored[saved.id] = msgspec.json.encode(saved)
            self.rows[saved.id] = Row(
                saved.status.value, saved.due_at, check=saved.check, client=saved.client
            )
            self.history.append(saved)
            return saved

    def due(self, before: int, limit: int) -> Iterator[Due]:
        with self._crash_points.around("records.due"):
            due = sorted(
                (row.due_at, id)
                for id, row in self.rows.items()
                if row.due_at is not None and row.due_at <= before
            )
        for due_at, id in due[:limit]:
            row = self.rows[id]
            yield Due(
                id,
                parse_status(row.status),
                due_at,
                row.next_backoff > 0,
                row.check,
                row.client,
            )

    def back_off(self, due: Due, now: int, first: int, longest: int) -> int | None:
        with self._crash_points.around("records.back_off"), self._lock:
            row = self.rows.get(due.id)
            if row is None or row.due_at != due.due_at:
                return None
            wait = min(row.next_backoff or first, longest)
            kept_until = row.kept_until
            if wait == longest and kept_until is None:
                kept_until = now + self.record_days * 24 * 60 * 60 * 1000
            self.rows[due.id] = row._replace(
                due_at=now + wait, next_backoff=wait * 2, kept_until=kept_until
            )
            return wait

    def claimed(self, key: str, now: int) -> tuple[str, str] | None:
        with self._crash_points.around("records.claimed"):
            claim, verification_id = self._claims.get(key, (None, ""))
            if claim is None or claim.expires_at <= now:
                return None
            return verification_id, claim.fingerprint

    def recent(self, client: str, criteria: Filter, limit: int, cursor: str | None) -> Page:
        if cursor is not None and not is_verification_id(cursor):
            raise ValueError("not a cursor")
        verifications = [
            verification
            for verification in sorted(
                self.readable(), key=lambda entry: entry.id, reverse=not criteria.oldest_first
            )
            if verification.client == client
            and criteria.matches(verification)
            and criteria.first_id <= verification.id < criteria.end_id
            and (cursor is None or _comes_after(verification.id, cursor, criteria))
        ]
        more = len(verifications) > limit
        return Page(tuple(verifications[:limit]), verifications[limit - 1].id if more else None)

    def delete_expired(self, now: int, limit: int) -> int:
        with self._crash_points.around("records.forget"):
            self.forgotten.append((now, limit))
            gone = [id for id, row in self.rows.items() if (row.kept_until or now + 1) <= now]
            for id in gone[:limit]:
                del self.rows[id], self.stored[id]
            return len(gone[:limit])

    def peek(self, verification_id: str) -> Verification:
        """A verification as stored; no moment of the crash points. KeyError if there is none."""
        return msgspec.json.decode(self.stored[verification_id], type=Verification)

    def all(self) -> list[Verification]:
        """Everything stored."""
        return [msgspec.json.decode(stored, type=Verification) for stored in self.stored.values()]

    def readable(self) -> Iterator[Verification]:
        """Everything stored that can be read."""
        for id in list(self.stored):
            with suppress(RecordUnreadable):
                verification = self._load(id)
                if verification is not None:
                    yield verification

    def _load(self, verification_id: str) -> Verification | None:
        stored = self.stored.get(verification_id)
        if stored is None:
            return None
        try:
            return msgspec.json.decode(stored, type=Verification)
        except msgspec.MsgspecError:
            raise RecordUnreadable(f"the record of {verification_id} cannot be read") from None

    def _take(self, claim: IdempotencyClaim, verification: Verification) -> None:
        earlier = self._claims.get(claim.key)
        if earlier is not None and earlier[0].expires_at > verification.created_at:
            raise IdempotencyConflict(earlier[1], earlier[0].fingerprint)
        self._claims[claim.key] = (claim, verification.id)


def _comes_after(id: str, cursor: str, criteria: Filter) -> bool:
    return id > cursor if criteria.oldest_first else id < cursor
