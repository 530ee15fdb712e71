"""What a run uses, counted where it is used."""

from __future__ import annotations

from collections import Counter, defaultdict


class Meter:
    """Counts of one run.

    Attributes:
        operations: of the ports, by name: `record_write`, `message`, `bucket_get`, ...
        runs: of each function.
        cold_starts: of each function.
        gb_seconds: of each function, as the cloud bills them.
        events: lines of the log, by the event's name.
        receives: of messages, by how often the message had been received with this time.
    """

    def __init__(self) -> None:
        self.operations: Counter[str] = Counter()
        self.runs: Counter[str] = Counter()
        self.cold_starts: Counter[str] = Counter()
        self.gb_seconds: defaultdict[str, float] = defaultdict(float)
        self.events: Counter[str] = Counter()
        self.receives: Counter[int] = Counter()
        self.retries: Counter[str] = Counter()
