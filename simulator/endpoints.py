"""The Endpoints port in memory: one row per client, as both clouds keep it."""

from __future__ import annotations

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
from simulator.engine import Engine
from simulator.latency import Latencies
from simulator.meter import Meter

_T = TypeVar("_T")


class SimulatedEndpoints:
    """The rows, by client. Each change is one write of the store."""

    def __init__(self, engine: Engine, latencies: Latencies, meter: Meter, policy: Policy) -> None:
        self._engine, self._latencies, self._meter = engine, latencies, meter
        self._policy = policy
        self.rows: dict[str, Endpoint] = {}

    def load(self, client: str) -> Endpoint:
        return self.rows.get(client, Endpoint())

    def take_permit(self, client: str, now: int, *, waited: bool) -> Permit | Turn:
        return self._change(
            client, lambda row: take_permit(row, self._policy, client, now, waited=waited)
        )

    def give_back(self, permit: Permit, report: Report, now: int) -> Change:
        return self._change(
            permit.client, lambda row: give_back(row, self._policy, permit, report, now)
        )

    def record_test(self, client: str, report: Report, now: int) -> Change:
        return self._change(client, lambda row: record_test(row, report, now))

    def _change(self, client: str, change: Callable[[Endpoint], tuple[Endpoint, _T]]) -> _T:
        self._meter.operations["endpoint"] += 1
        self._engine.hold(self._latencies.sample("quota"))
        self.rows[client], result = change(self.rows.get(client, Endpoint()))
        return result
