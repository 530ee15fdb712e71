"""The wide event: one line per run of a function with what the run did and what it cost.

`COMPLETED` is that line. Ports count into it (`liveproof.measured_ports`). A run that is killed
leaves no such line, only its `STARTED`. Nothing here is about a person: there are ids, names of
clients, codes and numbers.
"""

from __future__ import annotations

import resource
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from liveproof.observability.trace_context import FIELD, RunTrace

Field = str | int | float | None

FIELDS = {
    "function": "The function's name.",
    "trigger": "What started it: `http`, `message` (of a step), `upload` (the bucket's event), "
    "`schedule`, or `self_test` (`liveproof doctor`).",
    "outcome": "`done`; `refused` (a 4xx); `failed`: an exception, a 5xx, or a message that comes "
    "again.",
    "route": "The operation of an HTTP request, as in the OpenAPI document.",
    "status": "The HTTP status of the answer.",
    "client": "The client that asked, or whose verification it is.",
    "verification": "The verification, where the run touched one only.",
    "verifications": "How many verifications the run loaded or saved, if more than one.",
    "check": "Of that one verification.",
    "state": "Its state at the end of the run.",
    "decision": "Its decision, in the run that took it.",
    "late_ms": "How long after its due time the step began. A check's due time is that of its last "
    "proof, or of the next attempt.",
    "milliseconds": "The whole run, without the platform's start.",
    "store_ms": "Of these: DynamoDB or the database.",
    "bucket_ms": "The bucket, reading included.",
    "vendor_ms": "The vendor: relay, connection and calls.",
    "webhook_ms": "The client's endpoint.",
    "messages_ms": "Starting the next step.",
    "secrets_ms": "Reading secrets and signing with KMS.",
    "wait_ms": "Waiting for a slot; on Tencent Cloud for the due time, too.",
    "quota_wait_ms": "How far away the slots were when they were taken.",
    "store_reads": "Loads and queries of the store.",
    "store_writes": "Conditional writes of the store, those of slots, permits and limits included.",
    "bucket_requests": "Requests to the bucket.",
    "messages": "Steps that were started.",
    "vendor_calls": "Paid calls that were made.",
    "billed_calls": "Calls that the ledger settled as billed.",
    "webhook_attempts": "Webhooks that were sent, tests included.",
    "failed_messages": "Messages of the event that could not be handled.",
    "memory_mb": "The most memory that the process has held so far.",
    "cold_start": "1 in the first run of a container.",
    "trace": "The trace's id, where traces are on.",
}
"""Every field that the line can have, with its meaning. A number that is 0 is left out.

Parts are exclusive: a bucket that is read while the vendor is written to counts as bucket. Files
that go to the vendor side by side count each with its own time.
"""


class WideEvent:
    """What one run did so far.

    Attributes:
        began_at: nanoseconds since 1970.
        took_ns: nanoseconds; 0 until the run has ended.
        trace: the run's place in traces, where they are on.
    """

    def __init__(self) -> None:
        self.began_at = time.time_ns()
        self.took_ns = 0
        self.trace: RunTrace | None = None
        self._started = time.perf_counter_ns()
        self._counts: Counter[str] = Counter()
        self._notes: dict[str, Field] = {}
        self._verifications: dict[str, dict[str, Field]] = {}
        self._lock = threading.Lock()
        self._nested = threading.local()

    def add(self, name: str, amount: int = 1) -> None:
        """Add to a number."""
        with self._lock:
            self._counts[name] += amount

    def note(self, **fields: Field) -> None:
        """Say something of the run; the latest word counts."""
        self._notes |= fields

    def note_verification(self, verification: str, **fields: Field) -> None:
        """Say something of a verification that the run touched."""
        self._notes_of(verification).update(fields)

    def note_late(self, verification: str, milliseconds: int) -> None:
        """Say how long after its due time a step began, where the run has not said it yet."""
        self._notes_of(verification).setdefault("late_ms", milliseconds)

    def carried(self, verification: str) -> dict[str, str]:
        """What a message about a verification carries of its trace; nothing without traces."""
        if self.trace is None:
            return {}
        return {FIELD: self.trace.span_of(verification).traceparent}

    @property
    def verifications(self) -> tuple[str, ...]:
        """The verifications that the run touched."""
        return tuple(self._verifications)

    @property
    def latency_ms(self) -> float | None:
        """From the due time of the step to now; None if the run found none due, or several."""
        lates = [notes["late_ms"] for notes in self._verifications.values() if "late_ms" in notes]
        if len(lates) != 1 or not isinstance(lates[0], int):
            return None
        return lates[0] + _milliseconds(self._nanoseconds())

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Count the block's time under this name, without the parts within it."""
        parts: list[int] = self._nested.__dict__.setdefault("parts", [])
        began = time.perf_counter_ns()
        parts.append(0)
        try:
            yield
        finally:
            took = time.perf_counter_ns() - began
            within = parts.pop()
            if parts:
                parts[-1] += took
            self.add(f"{name}_ms", took - within)

    @property
    def verification(self) -> str | None:
        """The id of the one verification that the run touched."""
        return next(iter(self._verifications)) if len(self._verifications) == 1 else None

    def fields(self) -> dict[str, Field]:
        """The line's fields, but for the verification."""
        fields: dict[str, Field] = {}
        if self.verification is not None:
            fields |= self._verifications[self.verification]
        elif self._verifications:
            fields["verifications"] = len(self._verifications)
        if self.trace is not None and self.verification is not None:
            fields["trace"] = self.trace.span_of(self.verification).trace
        fields |= self._notes
        for name, amount in self._counts.items():
            fields[name] = _milliseconds(amount) if name in _TIMED else amount
        fields["milliseconds"] = _milliseconds(self._nanoseconds())
        fields["memory_mb"] = _memory_mb()
        fields["outcome"] = self._outcome(fields)
        return {name: value for name, value in fields.items() if value or name == "milliseconds"}

    def end(self) -> None:
        """The run has ended: its time is what it took until now."""
        self.took_ns = time.perf_counter_ns() - self._started

    def _nanoseconds(self) -> int:
        return self.took_ns or time.perf_counter_ns() - self._started

    def _notes_of(self, verification: str) -> dict[str, Field]:
        return self._verifications.setdefault(verification, {})

    def _outcome(self, fields: dict[str, Field]) -> str:
        status = fields.get("status")
        if fields.get("outcome") or fields.get("failed_messages"):
            return "failed"
        if isinstance(status, int) and status >= 400:
            return "failed" if status >= 500 else "refused"
        return "done"


_TIMED = {
    f"{part}_ms" for part in ("store", "bucket", "vendor", "webhook", "messages", "secrets", "wait")
}
_runs: list[WideEvent] = []


def begin() -> WideEvent:
    """The wide event of a run that begins. A process has one run at a time."""
    _runs[:] = [WideEvent()]
    return _runs[0]


def end() -> None:
    """The run has ended: nothing counts into its wide event any more."""
    for event in _runs:
        event.end()
    _runs.clear()


def current() -> WideEvent:
    """The wide event of the run that goes on; outside of any, one that nobody reads."""
    return _runs[0] if _runs else WideEvent()


def _milliseconds(nanoseconds: int) -> float:
    return round(nanoseconds / 1e6, 1)


def _memory_mb() -> int:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // (1024 * 1024 if sys.platform == "darwin" else 1024)
