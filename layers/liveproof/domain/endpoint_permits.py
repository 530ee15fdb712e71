"""Permits for attempts at an endpoint, and the turns of the deliveries that get none.

A turn is the time at which a delivery asks again. Turns of one endpoint follow one another at a
bounded rate.

While the endpoint is paused, the deliveries go round. At `probe_at` the first one is the probe. The
others have turns behind it, when the probe's outcome is certain. After a success they are sent in
their order, which is that of their age. After a failure each gets a turn in the next round, in the
same order: the first one is the next probe. The probe that failed and deliveries that come in
between queue at the end of the round. So a message that the endpoint never accepts is no probe for
ever, and cannot keep the endpoint paused. Two ends are kept: that of the round that is going on,
and that of the next one.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from liveproof.domain.endpoint_health import (
    Change,
    Health,
    Policy,
    Report,
    State,
    after_attempt,
    after_test,
    change_of,
    is_in_vain,
    probe_begun,
)

PERMIT_MS = 30_000
"""A permit that nobody gave back ends after this time. The total time of an attempt is 15 s
(`webhook_schedule.json`)."""

OUTCOME_MS = 20_000
"""When a probe began so long ago, its outcome is known: an attempt's total time, and room."""

_SOONEST_TURN_MS = 1_000
_LATEST_TURN_MS = 5 * 60_000
"""The limits of a turn behind attempts in flight."""

_LONGEST_SPACING_MS = 15_000


class Endpoint(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The row of an endpoint.

    Attributes:
        permits: when each permit was taken (ms), by its number.
        turn: the end of the queue: the next turn, if it is not over.
        next_turn: while the endpoint is paused, the end of the next round, which begins with the
            next probe. 0 as long as it has nobody.
    """

    health: Health = Health()
    permits: dict[int, int] = {}
    turn: int = 0
    next_turn: int = 0

    def in_flight(self, now: int) -> list[int]:
        """When each attempt in flight began (ms)."""
        return [at for at in self.permits.values() if at > now - PERMIT_MS]


class Permit(NamedTuple):
    """The right to one attempt, for `PERMIT_MS` from `taken_at` on.

    Attributes:
        number: below the number of attempts that may be in flight.
        health: of the endpoint, with which the permit was given.
    """

    client: str
    number: int
    taken_at: int
    is_probe: bool
    health: Health


class Turn(NamedTuple):
    """No permit: the delivery asks again at `at` (ms).

    Attributes:
        paused: the endpoint is; else as many attempts are in flight as there may be.
        in_vain: the endpoint is paused for so long that the delivery shall end.
    """

    at: int
    paused: bool
    in_vain: bool


class Queue(NamedTuple):
    """Where a turn is taken: the later of `first` and the queue's end, but never after `last`.

    Attributes:
        next_round: the queue's end is `Endpoint.next_turn`, else `Endpoint.turn`.
        end: the queue's new end if the turn is `first`; else it is `spacing_ms` after the turn.
    """

    next_round: bool
    first: int
    end: int
    spacing_ms: int
    last: int | None = None


def limit(health: Health, policy: Policy) -> int:
    """How many attempts may be in flight."""
    return policy.in_flight if health.state is State.WELL else 1


def free_permit(endpoint: Endpoint, policy: Policy, now: int, preferred: int = 0) -> int | None:
    """The number of a permit that is free, `preferred` if it is; None if all are taken."""
    most = limit(endpoint.health, policy)
    if len(endpoint.in_flight(now)) >= most:
        return None
    numbers = [preferred, *range(most)] if preferred < most else range(most)
    taken = endpoint.permits
    return next((number for number in numbers if taken.get(number, 0) <= now - PERMIT_MS), None)


def may_probe(health: Health, now: int, *, waited: bool) -> bool:
    """Whether a delivery is the next probe of a paused endpoint.

    It is the one whose turn it is. Others must have waited for it in vain: the function of that one
    may have died.
    """
    return now >= health.probe_at + (0 if waited else OUTCOME_MS)


def queue(endpoint: Endpoint, policy: Policy, now: int, *, waited: bool) -> Queue:
    """Where a delivery queues that gets no permit.

    Args:
        waited: it has had a turn already.
    """
    health, spacing = endpoint.health, policy.spacing_ms
    if health.paused_at:
        if not waited and endpoint.turn > now:
            return Queue(next_round=False, first=0, end=0, spacing_ms=spacing)
        if not endpoint.next_turn:
            first = max(health.probe_at, now + _SOONEST_TURN_MS)
            return Queue(True, first, max(first + OUTCOME_MS, endpoint.turn), spacing)
        first = max(health.probe_at, now) + OUTCOME_MS
        return Queue(True, first, first + spacing, spacing)
    # A turn as soon as those in flight are likely to have made room for it.
    oldest = now - min(endpoint.in_flight(now), default=now)
    longest = max(oldest, health.failed_ms if health.failing_since else 0)
    spacing = max(spacing, min(longest, _LONGEST_SPACING_MS) // limit(health, policy))
    first = now + _SOONEST_TURN_MS
    return Queue(False, first, first + spacing, spacing, last=now + _LATEST_TURN_MS)


def take_permit(
    endpoint: Endpoint, policy: Policy, client: str, now: int, *, waited: bool
) -> tuple[Endpoint, Permit | Turn]:
    """The row after a delivery asked for a permit, and what the delivery got."""
    health = endpoint.health
    if health.paused_at:
        if not may_probe(health, now, waited=waited):
            return _take_turn(endpoint, policy, now, waited=waited)
        begun = probe_begun(health, now)
        after = replace(
            endpoint,
            health=begun,
            permits={0: now},
            turn=endpoint.next_turn or endpoint.turn,
            next_turn=0,
        )
        return after, Permit(client, 0, now, is_probe=True, health=begun)
    number = free_permit(endpoint, policy, now)
    if number is None:
        return _take_turn(endpoint, policy, now, waited=waited)
    after = replace(endpoint, permits={**endpoint.permits, number: now})
    return after, Permit(client, number, now, is_probe=False, health=health)


def _take_turn(
    endpoint: Endpoint, policy: Policy, now: int, *, waited: bool
) -> tuple[Endpoint, Turn]:
    place = queue(endpoint, policy, now, waited=waited)
    before = endpoint.next_turn if place.next_round else endpoint.turn
    at = max(place.first, before)
    turn = turn_of(endpoint.health, at, now)
    if place.last is not None and at > place.last:
        return endpoint, turn._replace(at=place.last)
    end = at + place.spacing_ms if before >= place.first else place.end
    if place.next_round:
        return replace(endpoint, next_turn=end), turn
    return replace(endpoint, turn=end), turn


def turn_of(health: Health, at: int, now: int) -> Turn:
    """The turn at a time."""
    return Turn(at, paused=health.paused_at > 0, in_vain=is_in_vain(health, now))


def give_back(
    endpoint: Endpoint, policy: Policy, permit: Permit, report: Report, now: int
) -> tuple[Endpoint, Change]:
    """The row after an attempt has ended, and what that changed."""
    before = endpoint.health
    after = after_attempt(before, policy, report, now)
    permits = dict(endpoint.permits)
    if permits.get(permit.number) == permit.taken_at:
        del permits[permit.number]
    change = change_of(before, after, report, now)
    row = replace(endpoint, health=after, permits=permits)
    if change.paused:
        row = replace(row, turn=0, next_turn=after.probe_at + OUTCOME_MS)
    return row, change


def record_test(endpoint: Endpoint, report: Report, now: int) -> tuple[Endpoint, Change]:
    """The row after a `webhook.test`, and what that changed."""
    before, after = endpoint.health, after_test(endpoint.health, report, now)
    resumed = before.paused_at > 0 and after.paused_at == 0
    return replace(endpoint, health=after), Change(resumed=resumed)
