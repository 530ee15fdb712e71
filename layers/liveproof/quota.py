"""The Quota port: the vendor's limits, each with its pace and its breaker.

A limit is one API in one region, and one row of the store that all functions share.
"""

from __future__ import annotations

import hashlib
from typing import Protocol


class QuotaFull(Exception):
    """The next slot is later than the caller's latest time.

    Attributes:
        free_at: the next slot, as it was seen (ms since 1970). The next one to ask may get it.
    """

    def __init__(self, name: str, free_at: int) -> None:
        super().__init__(name)
        self.free_at = free_at


class VendorDown(Exception):
    """The vendor fails too often at an API: nobody calls it for a time, but one that probes."""


def limit_of_client(what: str, client: str) -> str:
    """The name of a limit of our own for each client. Any client's name fits."""
    return f"{what}.{hashlib.sha256(client.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


class Quota(Protocol):
    """Times are ms since 1970. `domain/pace.py` and `domain/breaker.py` have the numbers."""

    def reserve(self, name: str, per_second: float, now: int, latest: int | None = None) -> int:
        """Reserve a slot: the time (never before `now`) at which one request may be made.

        Raises:
            QuotaFull: it would be after `latest`; no slot was taken then.
            VendorDown: no slot was taken.
        """

    def slow_down(self, name: str, now: int) -> None:
        """The vendor refused a request for its rate: slots are further apart for a time."""

    def probe(self, name: str, now: int) -> bool:
        """Whether a request may be tried: the vendor is up, or the caller has won the probe.

        A probe that was won lasts for `PROBE_MS`; `reserve` then gives its winner a slot.
        """

    def record_failure(self, name: str, now: int) -> bool:
        """The vendor gave no answer, or could not serve. Whether it counts as down since now."""

    def record_success(self, name: str) -> bool:
        """The vendor answered. Whether it counts as up since now. Writes after a probe only."""

    def give_back_probe(self, name: str, now: int) -> bool:
        """A probe that the caller won and did not use may be won by the next one at once.

        Whether there was one to give back. Writes nothing if there was none.
        """
