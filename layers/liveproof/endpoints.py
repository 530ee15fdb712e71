"""The Endpoints port: attempts in flight to each client's webhook endpoint, and its health.

An endpoint is one small row of the store that all functions share. An attempt takes two writes: one
before it, which takes a permit, and one after it, which gives the permit back and records how the
attempt ended. `domain/endpoint_health.py` has the rules. Times are ms since 1970.
"""

from __future__ import annotations

from typing import Protocol

from liveproof.domain.endpoint_health import Change, Policy, Report
from liveproof.domain.endpoint_permits import Endpoint, Permit, Turn
from liveproof.settings import Settings


class Endpoints(Protocol):
    """The rows, by client. A row that was never written is that of an unproven endpoint."""

    def load(self, client: str) -> Endpoint:
        """The row as stored."""

    def take_permit(self, client: str, now: int, *, waited: bool) -> Permit | Turn:
        """Take a permit for one attempt, or a turn at which the delivery asks again.

        A permit that is not given back is free again after `PERMIT_MS`: its function has died.

        Args:
            waited: the delivery has had a turn already.
        """

    def give_back(self, permit: Permit, report: Report, now: int) -> Change:
        """Give the permit back and record how its attempt ended."""

    def record_test(self, client: str, report: Report, now: int) -> Change:
        """Record how the endpoint took a `webhook.test`. An accepted one ends a pause."""


def policy_of(settings: Settings) -> Policy:
    """The rules that a deployment's settings make."""
    return Policy(
        in_flight=settings.webhook_attempts_in_flight,
        pause_after_ms=settings.webhook_pause_after_seconds * 1000,
        spacing_ms=max(1, round(1000 / settings.webhook_turns_per_second)),
    )
