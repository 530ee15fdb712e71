"""The Endpoints port in memory, with the promises that `liveproof.endpoints` makes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from liveproof.domain.endpoint_health import Change, Policy, Report
from liveproof.domain.endpoint_permits import (
    Endpoint,
    Permit,
    Turn,
    give_back,
    record_test,
    take_permit,
)
from tests.support.crash_points import CrashPoints

_T = TypeVar("_T")


class MemoryEndpoints:
    """A row per client.

    Attributes:
        rows: of the clients that were heard of.
    """

    def __init__(
        self,
        policy: Policy,
        crash_points: CrashPoints | None = None,
        rows: dict[str, Endpoint] | None = None,
    ) -> None:
        self._policy = policy
        self._crash_points = crash_points or CrashPoints()
        self._lock = threading.Lock()
        self.rows: dict[str, Endpoint] = {} if rows is None else rows

    def load(self, client: str) -> Endpoint:
        with self._crash_points.around("endpoints.load"):
            return self.rows.get(client, Endpoint())

    def take_permit(self, client: str, now: int, *, waited: bool) -> Permit | Turn:
        with self._crash_points.around("endpoints.take_permit"):
            return self._change(
                client, lambda row: take_permit(row, self._policy, client, now, waited=waited)
            )

    def give_back(self, permit: Permit, report: Report, now: int) -> Change:
        with self._crash_points.around("endpoints.give_back"):
            return self._change(
                permit.client, lambda row: give_back(row, self._policy, permit, report, now)
            )

    def record_test(self, client: str, report: Report, now: int) -> Change:
        with self._crash_points.around("endpoints.record_test"):
            return self._change(client, lambda row: record_test(row, report, now))

    def _change(self, client: str, change: Callable[[Endpoint], tuple[Endpoint, _T]]) -> _T:
        with self._lock:
            self.rows[client], result = change(self.rows.get(client, Endpoint()))
            return result
