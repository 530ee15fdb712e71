"""What the attempts so far have shown of a client's webhook endpoint: pure functions.

    unproven   nothing was accepted yet: one attempt at a time
    well       the last attempt was accepted: as many at once as the deployment's setting allows
    failing    the last attempt failed: one at a time, each delivery by its own schedule
    paused     nothing but failures for a time (a setting), or a 410: only a probe, now and then

An accepted attempt makes the endpoint well, from whichever state. `endpoint_permits.py` has who may
make an attempt.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

FIRST_PROBE_MS = 60_000
LONGEST_PROBE_MS = 15 * 60_000
"""The times between probes: each is twice as long as the one before. 15 minutes are the longest
delay of a message in SQS. All are longer than `PERMIT_MS`, so there is one probe at a time."""

LONGEST_PAUSE_MS = 14 * 24 * 60 * 60_000
"""After so long a pause deliveries do not wait any more. They end as `exhausted`, and an operator
can send them again. Without a limit the records of an abandoned endpoint would never be deleted."""


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


def probe_begun(health: Health, now: int) -> Health:
    """A paused endpoint after its probe was begun. The next one has its time already."""
    wait = min(FIRST_PROBE_MS << min(health.probes + 1, 10), LONGEST_PROBE_MS)
    return replace(health, probes=health.probes + 1, probe_at=now + wait)


def is_in_vain(health: Health, now: int) -> bool:
    """Whether the endpoint is paused for so long that deliveries do not wait any more."""
    return health.paused_at > 0 and now - health.paused_at >= LONGEST_PAUSE_MS


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
