"""When a webhook endpoint gets the next attempt, and when it counts as down: pure functions.

An endpoint is one row. It has permits, one for each attempt in flight, and what the attempts so far
have shown:

    unproven   nothing was accepted yet: one attempt at a time
    well       the last attempt was accepted: as many at once as the deployment's setting allows
    failing    the last attempt failed: one at a time, each delivery by its own schedule
    paused     nothing but failures for a time (a setting), or a 410: only a probe, now and then

An accepted attempt makes the endpoint well, from whichever state. A delivery that gets no permit
gets a turn instead: the time at which it asks again. Turns of one endpoint follow one another at a
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

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

PERMIT_MS = 30_000
"""A permit that nobody gave back ends after this time. The total time of an attempt is 15 s
(`webhook_schedule.json`)."""

FIRST_PROBE_MS = 60_000
LONGEST_PROBE_MS = 15 * 60_000
"""The times between probes: each is twice as long as the one before. 15 minutes are the longest
delay of a message in SQS. All are longer than `PERMIT_MS`, so there is one probe at a time."""

OUTCOME_MS = 20_000
"""When a probe began so long ago, its outcome is known: an attempt's total time, and room."""

LONGEST_PAUSE_MS = 14 * 24 * 60 * 60_000
"""After so long a pause deliveries do not wait any more. They end as `exhausted`, and an operator
can send them again. Without a limit the records of an abandoned endpoint would never be deleted."""

_SOONEST_TURN_MS = 1_000
_LATEST_TURN_MS = 5 * 60_000
"""The limits of a turn behind attempts in flight."""

_LONGEST_SPACING_MS = 15_000


class Policy(NamedTuple):
    """The deployment's settings.

    Attributes:
        in_flight: attempts at once to an endpoint that is well.
        pause_after_ms: nothing but failures for so long pauses an endpoint.
        spacing_ms: between two turns.
    """

    in_flight: int
    pause_after_ms: int
    spacing_ms: int


class State(str, Enum):
    """How an endpoint is. Values are part of the HTTP API."""

    UNPROVEN = "unproven"
    WELL = "well"
    FAILING = "failing"
    PAUSED = "paused"


STATES: Mapping[State, str] = {
    State.UNPROVEN: "it has not accepted anything yet: one attempt at a time",
    State.WELL: "it accepted the last attempt",
    State.FAILING: "the last attempt failed: one attempt at a time until one is accepted",
    State.PAUSED: "it is down: deliveries wait, and a probe now and then finds out when it is back",
}
"""What each of them means, for the docs."""


class Outcome(Enum):
    """How an attempt ended: by a 2xx, otherwise, by a 410, or it was not made."""

    ACCEPTED = "accepted"
    FAILED = "failed"
    GONE = "gone"
    NOT_MADE = "not_made"


class Report(NamedTuple):
    """An attempt that has ended.

    Attributes:
        answer: the status as text, or the code of why there was none.
    """

    outcome: Outcome
    answer: str = ""
    latency_ms: int = 0


class Health(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the attempts so far have shown. Times are ms since 1970, 0 for what never was.

    Attributes:
        accepts: the last attempt was accepted.
        failing_since: the first failure after the last accepted attempt.
        failures: how many there were since then.
        failed_at, failed_answer, failed_ms: of the last failure: when, what was answered or why
            nothing was, how long it took.
        paused_at: 0 unless the endpoint is paused.
        gone: it is paused because it answered 410.
        probe_at: when the next probe is due.
        probes: since the pause began.
        tested_at, test_answer: of the last `webhook.test`.
        proven_at: the last `webhook.test` that was accepted.
    """

    accepts: bool = False
    failing_since: int = 0
    failures: int = 0
    failed_at: int = 0
    failed_answer: str = ""
    failed_ms: int = 0
    paused_at: int = 0
    gone: bool = False
    probe_at: int = 0
    probes: int = 0
    tested_at: int = 0
    test_answer: str = ""
    proven_at: int = 0

    @property
    def state(self) -> State:
        """The one of the states that all of it amounts to."""
        if self.paused_at:
            return State.PAUSED
        if self.failing_since:
            return State.FAILING
        return State.WELL if self.accepts else State.UNPROVEN


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
    in_vain: bool = False


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


class Change(NamedTuple):
    """What the end of an attempt changed.

    Attributes:
        paused, resumed: the endpoint is so from now on.
        turn: when the delivery is the probe; None if its own schedule says when it is tried again.
        in_vain: as of `Turn`.
    """

    paused: bool = False
    resumed: bool = False
    turn: int | None = None
    in_vain: bool = False


def limit(health: Health, policy: Policy) -> int:
    """How many attempts may be in flight."""
    return policy.in_flight if health.state is State.WELL else 1


def free_permit(endpoint: Endpoint, policy: Policy, now: int, wanted: int = 0) -> int | None:
    """The number of a permit that is free, `wanted` if it is; None if all are taken."""
    most = limit(endpoint.health, policy)
    if len(endpoint.in_flight(now)) >= most:
        return None
    numbers = [wanted, *range(most)] if wanted < most else range(most)
    taken = endpoint.permits
    return next((each for each in numbers if taken.get(each, 0) <= now - PERMIT_MS), None)


def may_probe(health: Health, now: int, *, waited: bool) -> bool:
    """Whether a delivery is the next probe of a paused endpoint.

    It is the one whose turn it is. Others must have waited for it in vain: the function of that one
    may have died.
    """
    return now >= health.probe_at + (0 if waited else OUTCOME_MS)


def probe_begun(health: Health, now: int) -> Health:
    """A paused endpoint after its probe was begun. The next one has its time already."""
    wait = min(FIRST_PROBE_MS << min(health.probes + 1, 10), LONGEST_PROBE_MS)
    return replace(health, probes=health.probes + 1, probe_at=now + wait)


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


def is_in_vain(health: Health, now: int) -> bool:
    """Whether the endpoint is paused for so long that deliveries do not wait any more."""
    return health.paused_at > 0 and now - health.paused_at >= LONGEST_PAUSE_MS


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


def after_attempt(health: Health, policy: Policy, report: Report, now: int) -> Health:
    """What is known of the endpoint after an attempt. Unchanged if it was well and still is."""
    if report.outcome is Outcome.NOT_MADE:
        return health
    if report.outcome is Outcome.ACCEPTED:
        return health if health.state is State.WELL else _well(health)
    failed = replace(
        health,
        accepts=False,
        failing_since=health.failing_since or now,
        failures=health.failures + 1,
        failed_at=now,
        failed_answer=report.answer,
        failed_ms=report.latency_ms,
        gone=health.gone or report.outcome is Outcome.GONE,
    )
    long_enough = now - failed.failing_since >= policy.pause_after_ms and failed.failures > 1
    if health.paused_at or not (long_enough or failed.gone):
        return failed
    return replace(failed, paused_at=now, probes=0, probe_at=now + FIRST_PROBE_MS)


def record_test(endpoint: Endpoint, report: Report, now: int) -> tuple[Endpoint, Change]:
    """The row after a `webhook.test`, and what that changed."""
    before, after = endpoint.health, after_test(endpoint.health, report, now)
    resumed = before.paused_at > 0 and after.paused_at == 0
    return replace(endpoint, health=after), Change(resumed=resumed)


def after_test(health: Health, report: Report, now: int) -> Health:
    """What is known of the endpoint after a `webhook.test`. One that fails pauses nothing."""
    tested = replace(health, tested_at=now, test_answer=report.answer)
    if report.outcome is not Outcome.ACCEPTED:
        return tested
    return replace(_well(tested), proven_at=now)


def change_of(before: Health, after: Health, report: Report, now: int) -> Change:
    """What an attempt changed."""
    paused = after.paused_at > 0 and before.paused_at == 0
    failed = report.outcome in (Outcome.FAILED, Outcome.GONE)
    return Change(
        paused=paused,
        resumed=before.paused_at > 0 and after.paused_at == 0,
        turn=after.probe_at if paused else None,
        in_vain=failed and is_in_vain(after, now),
    )


def _well(health: Health) -> Health:
    return Health(
        accepts=True,
        tested_at=health.tested_at,
        test_answer=health.test_answer,
        proven_at=health.proven_at,
    )
