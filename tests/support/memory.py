"""The ports in memory, with the promises that `liveproof.ports` makes.

`memory_quota.py` and `memory_admission.py` have those of quota and admission.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from liveproof.bucket_versions import ObjectVersion
from liveproof.domain.filter import Filter
from liveproof.domain.ids import is_verification_id
from liveproof.domain.states import Step, allowed_before, parse_status
from liveproof.domain.verification import Proof, Verification
from liveproof.heartbeats import Heartbeat
from liveproof.ports import (
    Conflict,
    Due,
    IdempotencyClaim,
    IdempotencyConflict,
    ObjectMissing,
    ObjectReplaced,
    Page,
    PresignedUpload,
    RecordUnreadable,
    SecretUnusable,
    StoredObject,
    Window,
)
from tests.support.crash_points import CrashPoints


class MemoryClock:
    """A clock that stands still until a test moves it, or somebody sleeps."""

    def __init__(self, now: int = 1_795_000_000_000) -> None:
        self.time = now

    def now(self) -> int:
        return self.time

    def sleep_until(self, at: int) -> None:
        self.time = max(self.time, at)

    def advance(self, milliseconds: float) -> None:
        self.time += round(milliseconds)


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


class MemoryStream:
    """An object's bytes."""

    def __init__(
        self,
        body: bytes,
        reads: list[int] | None = None,
        etag: str = "",
        content_encoding: str | None = None,
    ) -> None:
        self._left = body
        self._reads = [] if reads is None else reads
        self.size = len(body)
        self.etag = etag
        self.version: str | None = None
        self.content_encoding = content_encoding

    def read(self, amount: int = -1) -> bytes:
        self._reads.append(amount)
        taken = self._left if amount < 0 else self._left[:amount]
        self._left = self._left[len(taken) :]
        return taken

    def __enter__(self) -> StoredObject:
        return self

    def __exit__(self, *exc: object) -> None:
        self._left = b""


class MemoryBucket:
    """Objects with the ETag that a plain upload gets, or another one that a test sets.

    Attributes:
        encodings: the Content-Encoding of objects that have one.
        failures: what opening a key raises.
        reads: how much each read of an object asked for.
    """

    def __init__(self, crash_points: CrashPoints | None = None) -> None:
        self._crash_points = crash_points or CrashPoints()
        self.objects: dict[str, bytes] = {}
        self.etags: dict[str, str] = {}
        self.encodings: dict[str, str] = {}
        self.failures: dict[str, Exception] = {}
        self.reads: list[int] = []

    def presign_put(
        self, key: str, md5: str, size: int, content_type: str, now: int, expires_at: int
    ) -> PresignedUpload:
        with self._crash_points.around("bucket.presign_put"):
            headers = {
                "Content-MD5": base64.b64encode(bytes.fromhex(md5)).decode(),
                "Content-Length": str(size),
                "Content-Type": content_type,
                "If-None-Match": "*",
            }
            return PresignedUpload("PUT", f"memory:{key}?signature=x", headers, expires_at)

    def presign_get(self, key: str, proof: Proof | None, now: int, expires_at: int) -> str:
        return f"memory:{key}?signature=x"

    def open(self, key: str, proof: Proof | None = None) -> StoredObject:
        with self._crash_points.around("bucket.open"):
            if key in self.failures:
                raise self.failures[key]
            if key not in self.objects:
                raise ObjectMissing
            body = self.objects[key]
            etag = self.etags.get(key) or hashlib.md5(body, usedforsecurity=False).hexdigest()
            if proof is not None and proof.etag not in ("", etag):
                raise ObjectReplaced
            return MemoryStream(body, self.reads, etag, self.encodings.get(key))

    def put(self, key: str, body: bytes, content_type: str) -> None:
        with self._crash_points.around("bucket.put"):
            self.objects[key] = body

    def versions(self, prefix: str) -> Iterator[ObjectVersion]:
        with self._crash_points.around("bucket.versions"):
            return iter(
                [
                    ObjectVersion(key, None, len(body))
                    for key, body in sorted(self.objects.items())
                    if key.startswith(prefix)
                ]
            )

    def delete(self, version: ObjectVersion) -> None:
        with self._crash_points.around("bucket.delete"):
            self.objects.pop(version.key, None)


class StepRequest(NamedTuple):
    """A requested step; `at` None means now."""

    step: Step
    id: str
    at: int | None
    check: str | None
    client: str | None


class MemorySteps:
    """Steps that were asked for and have not run.

    Attributes:
        backlogs: the steps, with their checks, of which messages wait for their turn.
    """

    def __init__(self, crash_points: CrashPoints | None = None) -> None:
        self._crash_points = crash_points or CrashPoints()
        self.requests: list[StepRequest] = []
        self.window: Window | None = None
        self.backlogs: set[tuple[Step, str | None]] = set()

    def lookahead(self, now: int) -> Window | None:
        return self.window

    def request(
        self,
        step: Step,
        verification_id: str,
        at: int | None = None,
        *,
        check: str | None,
        client: str | None,
    ) -> None:
        with self._crash_points.around("steps.request"):
            self.requests.append(StepRequest(step, verification_id, at, check, client))

    def has_backlog(self, step: Step, check: str | None) -> bool:
        with self._crash_points.around("steps.has_backlog"):
            return (step, check) in self.backlogs

    def take(self) -> list[StepRequest]:
        """Everything asked for; forgets it."""
        requests, self.requests = self.requests, []
        return requests


class MemorySecrets:
    """Secrets by name."""

    def __init__(self, values: dict[str, bytes], crash_points: CrashPoints | None = None) -> None:
        self._crash_points = crash_points or CrashPoints()
        self.values = values

    def get(self, name: str) -> bytes:
        with self._crash_points.around("secrets.get"):
            if name not in self.values:
                raise SecretUnusable(f"secret {name}: it has no value yet")
            return self.values[name]

    def refresh(self, name: str) -> bool:
        """Nothing is cached here, so nothing is another one now."""
        return False


class MemoryHeartbeats:
    """The last heartbeat of each name."""

    def __init__(self, crash_points: CrashPoints | None = None) -> None:
        self._crash_points = crash_points or CrashPoints()
        self.rows: dict[str, Heartbeat] = {}

    def beat(self, name: str, at: int, detail: str = "") -> None:
        with self._crash_points.around("heartbeats.beat"):
            self.rows[name] = Heartbeat(at, detail)

    def last(self, name: str) -> Heartbeat | None:
        return self.rows.get(name)
